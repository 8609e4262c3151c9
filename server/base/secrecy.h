/* server/base/secrecy.h - what keeps clear secrets from being read where they no longer are of use
 *
 * WHAT    No core image and no debugger of another process of the same account; and memory that libraries give back is
 *         wiped, where a library lets us hand it the functions. Our own memory is the task's, which wipes itself.
 * WHY     A core image lies around for years, and a password that was typed once must not be in it.
 * NOTE    libmicrohttpd takes no such functions. What it reads is wiped in place once it is copied (http), and what glibc
 *         frees in large pieces, as its connections' memory, is overwritten by glibc.
 */
#ifndef POSTREEVE_BASE_SECRECY_H
#define POSTREEVE_BASE_SECRECY_H

#include <stddef.h>

/* At the very start of a program. */
void secrecy_start(void);

/* What calls left below the caller's frame: libraries keep a hash's last block or a number's digits there. For a thread
 * that has done with one request. */
void wipe_stack(void);

/* As free() and realloc(), for libraries; what is given back is wiped first. */
void wipe_and_free(void *it);
void *wipe_and_realloc(void *it, size_t size);

#endif
