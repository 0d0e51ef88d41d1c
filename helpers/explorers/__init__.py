"""Interactive views: one Python file and one JavaScript file each, all built on `helpers.show`."""
