// OpenBLAS: CBLAS as it is, and the Fortran LAPACK routines the engine uses (trailing lengths are those of the character arguments).
#ifndef REC_CBLAS_SHIM_H
#define REC_CBLAS_SHIM_H
#include <cblas.h>
void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info, unsigned long);
void spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info, unsigned long);
void spotrs_(const char *uplo, const int *n, const int *nrhs, const float *a, const int *lda, float *b, const int *ldb, int *info, unsigned long);
void ssyevd_(const char *jobz, const char *uplo, const int *n, float *a, const int *lda, float *w, float *work, const int *lwork,
             int *iwork, const int *liwork, int *info, unsigned long, unsigned long);
#endif
