// RecServe: see Docs/Architecture.md.
