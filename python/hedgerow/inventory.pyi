"""Stub of the compiled door to live inventories, which has nothing for Python (inventory.pxd)."""
