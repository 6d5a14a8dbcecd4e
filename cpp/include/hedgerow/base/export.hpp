/// Visibility of the public symbols: everything is hidden but what carries HEDGEROW_API, and in a
/// static library (HEDGEROW_STATIC) that is hidden too: a program or Python module that contains
/// the core shows none of it, so that a second copy in the process can't take its place.
#pragma once

#if defined(__GNUC__) && !defined(_WIN32) && !defined(HEDGEROW_STATIC)
#define HEDGEROW_API __attribute__((visibility("default")))
#else
#define HEDGEROW_API
#endif
