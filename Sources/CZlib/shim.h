// zlib, for reading gzip files as a stream.
#ifndef REC_CZLIB_SHIM_H
#define REC_CZLIB_SHIM_H
#include <zlib.h>
static inline int rec_inflate_init_gzip(z_streamp stream) { return inflateInit2(stream, 15 + 32); }
#endif
