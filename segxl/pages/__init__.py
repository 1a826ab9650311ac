"""Pages: what stands where on a sheet, before any file format."""
