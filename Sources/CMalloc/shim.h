// Calls of the C library's allocator that Swift's own module of it leaves out, and the hint to the processor that Swift has no word for.
#pragma once
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

// Gives free memory back to the system where the library can.
static inline void rec_return_free_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

// Memory that is given back by free(). From one megabyte on it asks for large pages, where the system has them for who asks: memory that
// is read here and there then costs no walk through tables of pages, which inside a virtual machine takes longer than the read.
static inline void *rec_allocate(size_t bytes, size_t alignment) {
#if defined(__linux__)
    const size_t large = (size_t)1 << 21;
    if (bytes >= ((size_t)1 << 20)) {
        size_t size = (bytes + large - 1) / large * large;
        void *memory = aligned_alloc(large, size);
        if (memory) {
            madvise(memory, size, MADV_HUGEPAGE);
            return memory;
        }
    }
#endif
    size_t step = alignment < 16 ? 16 : alignment;
    return aligned_alloc(step, (bytes + step - 1) / step * step);
}

static inline void rec_free(void *memory) { free(memory); }

// Asks for a line of the cache that will be read soon; it changes nothing, whatever the address.
static inline void rec_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
