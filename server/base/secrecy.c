/* server/base/secrecy.c */
#include "base/secrecy.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define STACK_OCTETS 65536 /* more than any call of ours takes, but for libcrypt, which wipes its own */
#define FREED_OCTET 0x5a /* any but 0, which means: leave it */

void secrecy_start(void)
{
    const struct rlimit none = { 0, 0 };

    /* Either may be refused by a container; then the other still holds. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)mallopt(M_PERTURB, FREED_OCTET);
}

void __attribute__((noinline)) wipe_stack(void)
{
    char below[STACK_OCTETS];

    explicit_bzero(below, sizeof below);
}

void wipe_and_free(void *it)
{
    if (it)
        explicit_bzero(it, malloc_usable_size(it));
    free(it);
}

/* Not realloc(), which may leave the old octets where they were. */
void *wipe_and_realloc(void *it, size_t size)
{
    size_t held = it ? malloc_usable_size(it) : 0;
    void *bigger = malloc(size ? size : 1);

    if (!bigger)
        return NULL;
    if (it)
        memcpy(bigger, it, held < size ? held : size);
    wipe_and_free(it);
    return bigger;
}
