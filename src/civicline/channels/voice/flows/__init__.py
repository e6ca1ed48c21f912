"""The telephone menus of a town: drafts, published versions, prompts, and what they look up."""
