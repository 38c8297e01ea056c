"""From text notebooks to pages: execute a chapter, build the site, read what was built."""
