"""Pages that draw, try and publish telephone menus."""
