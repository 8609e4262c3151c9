/* server/http/files.c */
#include "http/files.h"

#include "base/log.h"
#include "model/secret.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 8
#define NONCE_MARK "__CSP_NONCE__"

const char *const coding_words[CODINGS] = { NULL, "gzip", "br" };
static const char *const endings[CODINGS] = { "", ".gz", ".br" };

static const struct { const char *ending, *type; } types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".json", "application/json" },
    { ".webmanifest", "application/manifest+json" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".ico", "image/x-icon" },
    { ".webp", "image/webp" },
    { ".woff2", "font/woff2" },
    { ".txt", "text/plain; charset=utf-8" },
};

struct found {
    struct text path, octets;
    struct found *next;
};

struct loading {
    struct task *t;
    struct found *files;
    size_t count, bytes;
};

static struct text type_of(struct text path)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (text_ends(path, text_of(types[i].ending)))
            return text_of(types[i].type);
    return TEXT("application/octet-stream");
}

/* ---- reading the tree ---- */

static enum outcome read_octets(struct loading *l, int from, size_t size, struct found *f)
{
    char *at = task_alloc(l->t, size + 1);
    size_t have = 0;

    while (have < size) {
        ssize_t got = read(from, at + have, size - have);

        if (got <= 0)
            break; /* it shrank under us: what is there is what we serve */
        have += (size_t)got;
    }
    f->octets = (struct text){ at, have };
    return DONE;
}

static enum outcome take_file(struct loading *l, int from, size_t size, struct text path)
{
    struct found *f;

    if (size > FILES_BYTES_MAX - l->bytes) {
        log_line(LOG_FAULT, "[server] web_root holds more than %zu MiB: that is not the web interface",
                 FILES_BYTES_MAX >> 20);
        return INVALID;
    }
    l->bytes += size;
    f = task_alloc(l->t, sizeof *f);
    f->path = path;
    f->next = l->files;
    l->files = f;
    l->count++;
    return read_octets(l, from, size, f);
}

static enum outcome read_directory(struct loading *l, int directory, struct text path, int depth);

static enum outcome read_entry(struct loading *l, int directory, const char *name, struct text under,
                               int depth)
{
    int entry = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct text path = task_printf(l->t, "%s/%s", under.at, name);
    enum outcome o = DONE;
    struct stat about = { 0 };

    if (entry < 0)
        return DONE; /* a symbolic link, or not ours to read */
    if (fstat(entry, &about) == 0 && S_ISDIR(about.st_mode) && depth < DEPTH_MAX)
        return read_directory(l, entry, path, depth + 1);
    if (S_ISREG(about.st_mode) && text_is_utf8(path))
        o = take_file(l, entry, (size_t)about.st_size, path);
    close(entry);
    return o;
}

/* Takes `directory` over and closes it. */
static enum outcome read_directory(struct loading *l, int directory, struct text path, int depth)
{
    DIR *d = fdopendir(directory);
    enum outcome o = DONE;
    struct dirent *e;

    if (!d) {
        close(directory);
        return DONE;
    }
    while (o == DONE && (e = readdir(d)))
        if (e->d_name[0] != '.')
            o = read_entry(l, dirfd(d), e->d_name, path, depth);
    closedir(d);
    return o;
}

/* ---- putting it in order ---- */

static int by_path(const void *a, const void *b)
{
    return text_compare(((const struct file *)a)->path, ((const struct file *)b)->path);
}

const struct file *files_find(const struct files *all, struct text path)
{
    struct file wanted = { .path = path };

    return all->count ? bsearch(&wanted, all->items, all->count, sizeof wanted, by_path) : NULL;
}

static void set_octets(struct task *t, struct file *f, enum coding c, struct text octets)
{
    f->octets[c] = octets;
    f->etag[c] = task_printf(t, "\"%.32s%s\"", secret_digest(t, octets).at, endings[c]);
}

/* The file that x.gz or x.br is a twin of; NULL when it stands alone. */
static struct file *twin_of(struct files *all, struct text path, enum coding *coding)
{
    for (enum coding c = CODING_GZIP; c < CODINGS; c++) {
        struct text ending = text_of(endings[c]);
        struct file wanted = { .path = text_part(path, 0, path.length - ending.length) };

        *coding = c;
        if (text_ends(path, ending))
            return bsearch(&wanted, all->items, all->count, sizeof wanted, by_path);
    }
    return NULL;
}

static void fold_twins(struct task *t, struct files *all)
{
    bool *is_twin = task_alloc(t, all->count * sizeof *is_twin);
    size_t kept = 0;

    for (size_t i = 0; i < all->count; i++) {
        enum coding c;
        struct file *of = twin_of(all, all->items[i].path, &c);

        if (of)
            set_octets(t, of, c, all->items[i].octets[CODING_NONE]);
        is_twin[i] = of != NULL;
    }
    for (size_t i = 0; i < all->count; i++) /* only now: twin_of() searches them all */
        if (!is_twin[i])
            all->items[kept++] = all->items[i];
    all->count = kept;
}

static void arrange(struct task *t, const struct loading *l, struct files *out)
{
    out->items = task_alloc(t, (l->count + 1) * sizeof *out->items);
    for (const struct found *f = l->files; f; f = f->next) {
        struct file *file = &out->items[out->count++];

        file->path = f->path;
        file->type = type_of(f->path);
        file->immutable = text_starts(f->path, TEXT("/assets/"));
        set_octets(t, file, CODING_NONE, f->octets);
    }
    qsort(out->items, out->count, sizeof *out->items, by_path);
    fold_twins(t, out);
}

static void cut_index(struct task *t, struct files *all)
{
    const struct file *index = files_find(all, TEXT(INDEX_PATH));
    struct text rest = index ? index->octets[CODING_NONE] : TEXT(""), mark = TEXT(NONCE_MARK);

    if (!index)
        return;
    all->index.items = task_alloc(t, (rest.length / mark.length + 1) * sizeof(struct text));
    for (;;) {
        const char *hit = memmem(rest.at, rest.length, mark.at, mark.length);
        size_t before = hit ? (size_t)(hit - rest.at) : rest.length;

        all->index.items[all->index.count++] = text_part(rest, 0, before);
        if (!hit)
            return;
        rest = text_part(rest, before + mark.length, rest.length);
    }
}

enum outcome files_load(struct task *t, struct text web_root, struct files *out)
{
    struct loading l = { .t = t };
    enum outcome o;
    int root;

    *out = (struct files){ 0 };
    if (!web_root.length)
        return DONE;
    root = open(web_root.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        log_line(LOG_WARN, "[server] web_root = %s: %s; the API is served without the web interface",
                 web_root.at, strerror(errno));
        return DONE;
    }
    o = read_directory(&l, root, TEXT(""), 0);
    if (o != DONE)
        return o;
    arrange(t, &l, out);
    cut_index(t, out);
    return DONE;
}

/* ---- which coding ---- */

/* "gzip;q=0.5": whether the entry names `coding`, and with a weight above zero. */
static bool entry_takes(struct text entry, const char *coding, bool *named)
{
    size_t semicolon = text_find(entry, ';'), equals;
    struct text weight;

    *named = text_equal_folded(text_trim(text_part(entry, 0, semicolon)), text_of(coding));
    if (!*named || semicolon == TEXT_NOT_FOUND)
        return *named;
    equals = text_find(entry, '=');
    weight = text_trim(text_part(entry, equals == TEXT_NOT_FOUND ? entry.length : equals + 1, entry.length));
    for (size_t i = 0; i < weight.length; i++)
        if (weight.at[i] >= '1' && weight.at[i] <= '9')
            return true;
    return false;
}

static bool takes(struct text accepted, const char *coding)
{
    while (accepted.length) {
        size_t comma = text_find(accepted, ',');
        bool named, wanted = entry_takes(text_part(accepted, 0, comma), coding, &named);

        if (named)
            return wanted;
        accepted = comma == TEXT_NOT_FOUND ? TEXT("") : text_part(accepted, comma + 1, accepted.length);
    }
    return false;
}

enum coding file_coding(const struct file *f, struct text accept_encoding)
{
    for (enum coding c = CODING_BROTLI; c > CODING_NONE; c--)
        if (f->octets[c].at && takes(accept_encoding, coding_words[c]))
            return c;
    return CODING_NONE;
}
