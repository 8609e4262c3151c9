/* server/http/tls.c */
#include "http/tls.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEM_BYTES_MAX 1048576
#define OTHERS 0007

static enum outcome complain(const char *key, struct text path, const char *words)
{
    log_line(LOG_FAULT, "[server] %s = %s: %s", key, path.at, words);
    return INVALID;
}

static enum outcome read_pem(struct task *t, const char *key, struct text path, int from, struct text *out)
{
    char *at = task_alloc(t, PEM_BYTES_MAX);
    ssize_t got = read(from, at, PEM_BYTES_MAX - 1);

    if (got < 0)
        return complain(key, path, strerror(errno));
    *out = (struct text){ at, (size_t)got };
    if (!strstr(at, "-----BEGIN "))
        return complain(key, path, "expected a PEM file (\"-----BEGIN ...\")");
    return DONE;
}

static enum outcome load(struct task *t, const char *key, struct text path, mode_t forbidden,
                         struct text *out)
{
    int from = open(path.at, O_RDONLY | O_CLOEXEC);
    enum outcome o;
    struct stat about;

    if (from < 0)
        return complain(key, path, strerror(errno));
    if (fstat(from, &about) != 0)
        o = complain(key, path, strerror(errno));
    else if (about.st_mode & forbidden)
        o = complain(key, path, "must not be open to others: chmod o= it");
    else
        o = read_pem(t, key, path, from, out);
    close(from);
    return o;
}

enum outcome tls_load(struct task *t, const struct server_settings *s, struct tls *out)
{
    enum outcome o;

    *out = (struct tls){ 0 };
    if (!s->tls_certificate.length)
        return DONE;
    o = load(t, "tls_certificate", s->tls_certificate, 0, &out->certificate);
    if (o == DONE)
        o = load(t, "tls_key", s->tls_key, OTHERS, &out->key);
    return o;
}
