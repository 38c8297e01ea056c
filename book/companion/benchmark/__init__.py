"""The benchmark page's part of `anogen bench`: searches by other libraries, and the files with the times."""
