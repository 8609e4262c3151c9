/* server/outside/base64.h - RFC 4648, 4, as letters need it */
#ifndef POSTREEVE_OUTSIDE_BASE64_H
#define POSTREEVE_OUTSIDE_BASE64_H

#include <stddef.h>

/* Writes the digits of `length` octets, with "=" at the end, to `out`, which has room for BASE64_LENGTH(length). How
 * many it wrote. */
#define BASE64_LENGTH(length) (((length) + 2) / 3 * 4)
size_t base64_put(char *out, const char *octets, size_t length);

#endif
