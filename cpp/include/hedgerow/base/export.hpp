/// Visibility of the public symbols: everything is hidden but what carries HEDGEROW_API.
#pragma once

#if defined(__GNUC__) && !defined(_WIN32)
#define HEDGEROW_API __attribute__((visibility("default")))
#else
#define HEDGEROW_API
#endif
