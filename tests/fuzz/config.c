/* tests/fuzz/config.c - config/config.h: a file of any octets is a configuration, or an error
 *
 * The file is one in memory; what it points to is not read beyond what config_load() does.
 */
#include "fuzz.h"

#include "config/config.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int file;
static char path[64];

void fuzz_start(void)
{
    file = memfd_create("postreeve.conf", 0);
    HOLDS(file >= 0 && fchmod(file, 0600) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
}

static void check_field(const struct field *f, const void *at)
{
    const struct text *text = at;
    const struct texts *list = at;

    if (f->kind == KIND_TEXT && text->at)
        HOLDS(text_is_utf8(*text) && text->at[text->length] == '\0');
    if (f->kind == KIND_TEXTS)
        for (size_t i = 0; i < list->count; i++)
            HOLDS(text_is_utf8(list->items[i]) && list->items[i].length);
    if (f->kind == KIND_INTEGER && (f->min || f->max))
        HOLDS(*(const int64_t *)at >= 0);
}

void fuzz_one(struct task *t, struct text input)
{
    struct config c;

    HOLDS(ftruncate(file, 0) == 0 && pwrite(file, input.at, input.length, 0) == (ssize_t)input.length);
    if (config_load(t, path, &c) != DONE)
        return;
    HOLDS(c.database.servers.count && c.lookup.servers.count);
    for (const struct config_section *s = config_sections; s->name; s++)
        for (size_t i = 0; i < s->shape->count; i++)
            check_field(&s->shape->fields[i], field_in(&s->shape->fields[i], (const char *)&c + s->offset));
}
