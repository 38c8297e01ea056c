"""Chapter `typical-set`: modes, typical samples, exact draws and real images (beyond the sources)."""
