// RecFiles: see Docs/Architecture.md.
