// The one call of the C library's allocator that Swift's own module of it leaves out.
#pragma once
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

// Gives free memory back to the system where the library can.
static inline void rec_return_free_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
