/* server/http/files.h - the built web interface, held in memory
 *
 * WHAT    files_load() reads all of web_root once: path to octets, type and ETag, and beside a file its
 *         compressed twins (x.gz, x.br). Nothing of a request ever reaches the file system.
 * LEFT    Symbolic links, dot files, and anything that is no plain file; FILES_BYTES_MAX of octets
 *         altogether, so that a web_root of "/" stops the start instead of filling the memory.
 * OWNS    Everything belongs to the task given.
 */
#ifndef POSTREEVE_HTTP_FILES_H
#define POSTREEVE_HTTP_FILES_H

#include "base/task.h"

#define FILES_BYTES_MAX ((size_t)32 << 20)

#define INDEX_PATH "/index.html"

enum coding { CODING_NONE, CODING_GZIP, CODING_BROTLI };
#define CODINGS (CODING_BROTLI + 1)
extern const char *const coding_words[CODINGS]; /* as Content-Encoding says them; NULL for none */

struct file {
    struct text path; /* "/assets/index-1a2b.js" */
    struct text type;
    struct text octets[CODINGS], etag[CODINGS]; /* absent: not there in this coding */
    bool immutable;   /* its name changes with what is in it */
};

struct files {
    struct file *items; /* ordered by path */
    size_t count;
    struct texts index; /* index.html, cut where the nonce goes; none: the interface is not built */
};

/* A web_root that is not there is no mistake: an interface that is not built yet. INVALID when there is too
 * much in it. */
MUST_USE enum outcome files_load(struct task *t, struct text web_root, struct files *out);
const struct file *files_find(const struct files *all, struct text path);
/* The best of what the file has and Accept-Encoding takes (RFC 9110, 12.5.3). */
enum coding file_coding(const struct file *f, struct text accept_encoding);

#endif
