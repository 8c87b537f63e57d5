"""The steps, one file each, named by what they add. A step that was released never changes."""
