"""What is kept between runs, in the user's cache folder: datasets as they were read, and arrays reduced from them.

A run that finds its source unchanged takes what an earlier run kept. The numbers, the ledger and the warnings are the
same; only the time differs. The policy, in :mod:`segxl.cache.fingerprint`: nothing is taken unless every byte of every
file that was read is the same, and so are the names of the files that the settings' patterns find, the options, the
code of segxl, and the libraries that read.

Files are arrays and JSON with checksums (:mod:`segxl.cache.codec`); no file can run code. Anything that is damaged,
foreign or of another version is ignored and made again. The folder may be deleted at any time
(:mod:`segxl.cache.folder`).
"""
