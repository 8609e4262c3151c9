/* tests/lookup/scratch.h - a directory of a test's own, and files in it */
#ifndef POSTREEVE_TESTS_LOOKUP_SCRATCH_H
#define POSTREEVE_TESTS_LOOKUP_SCRATCH_H

#include "config/config.h"

#include <sys/types.h>

/* Made at the first call, gone with scratch_remove(). */
const char *scratch_directory(void);
void scratch_remove(void);

struct text scratch_path(struct task *t, const char *name);
void scratch_write(struct task *t, const char *name, const char *content, mode_t mode);
struct text scratch_read(struct task *t, const char *name); /* absent when there is no such file */
size_t scratch_count(struct task *t, const char *name);     /* entries of a directory */

/* A configuration as config_load() gives it, with a password in it. */
struct config scratch_config(void);

#endif
