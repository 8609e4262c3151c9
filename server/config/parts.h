/* server/config/parts.h - what the files of this room share, and nobody else's business */
#ifndef POSTREEVE_CONFIG_PARTS_H
#define POSTREEVE_CONFIG_PARTS_H

#include "config/config.h"

#define OTHERS 0007 /* the mode bits of everybody else */
#define CONFIG_SECTIONS_MAX 32

struct config_default { /* as if it stood in the file */
    const char *section, *key, *value;
};
extern const struct config_default config_defaults[]; /* ended by an empty row */

extern const struct shape hooks_shape, postfix_shape;
extern const struct shape clients_shape, dns_settings_shape, dkim_settings_shape; /* publish.c */

/* The words for what is wrong with the file; NULL: nothing, and `out` is what it says. */
const char *config_read_whole(struct task *t, const char *path, struct text *out);

#endif
