"""Knowledge: what staff say again and again, per language, with an owner."""
