"""One closed folder per messaging app; deleting the folder deletes the feature."""
