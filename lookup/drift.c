/* lookup/drift.c */
#include "lookup/drift.h"

#include "base/log.h"
#include "lookup/apply.h"
#include "lookup/live.h"
#include "lookup/render_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct report {
    bool json;
    size_t count;
};

/* What is live may be in any encoding: octets that are no UTF-8 are shown as U+FFFD. */
static void print_string(struct task *t, struct text value)
{
    static const char replacement[] = "\xEF\xBF\xBD";

    putchar('"');
    for (size_t i = 0; i < value.length;) {
        unsigned char c = (unsigned char)value.at[i];
        size_t length = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
        struct text one = text_part(value, i, length);

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ')
            printf("\\u%04x", c);
        else if (one.length == length && text_is_utf8(one))
            printf("%s", task_c_string(t, one));
        else
            fputs(replacement, stdout);
        i += c < 0x80 || (one.length == length && text_is_utf8(one)) ? length : 1;
    }
    putchar('"');
}

static void print_member(struct task *t, const char *name, struct text value)
{
    printf(", \"%s\": ", name);
    if (value.at)
        print_string(t, value);
    else
        fputs("null", stdout);
}

static struct text shown(struct text value)
{
    return value.length ? value : TEXT("(empty)");
}

static void tell(struct task *t, struct report *r, struct text file, struct text name, const char *what,
                 struct text live, struct text rendered)
{
    r->count++;
    if (r->json) {
        printf("%s\n  {\"file\": ", r->count > 1 ? "," : "");
        print_string(t, file);
        print_member(t, "name", name);
        print_member(t, "what", text_of(what));
        print_member(t, "live", live);
        print_member(t, "rendered", rendered);
        putchar('}');
        return;
    }
    printf("%s", task_c_string(t, file));
    if (name.at)
        printf(": %s", task_c_string(t, name));
    printf(" is %s", what);
    if (live.at)
        printf(": %s", task_c_string(t, shown(live)));
    if (rendered.at)
        printf("; rendered: %s", task_c_string(t, shown(rendered)));
    putchar('\n');
}

static const char *state_of(const struct rendered *file)
{
    FILE *there = fopen(file->path, "re");
    size_t done = 0, got;
    char octets[4096];
    bool same = true;

    if (!there)
        return errno == ENOENT ? "missing" : "not to be read";
    while (same && (got = fread(octets, 1, sizeof octets, there)) > 0) {
        same = done + got <= file->content.length && memcmp(octets, file->content.at + done, got) == 0;
        done += got;
    }
    same = same && !ferror(there) && done == file->content.length;
    fclose(there);
    return same ? NULL : "different";
}

static void tell_files(struct task *t, struct report *r, const struct rendered_set *set)
{
    const struct text nothing = { 0 };

    for (size_t i = 0; i < set->count; i++) {
        const char *state = state_of(&set->files[i]);

        if (state)
            tell(t, r, text_of(set->files[i].path), nothing, state, nothing, nothing);
    }
}

enum outcome drift(struct task *t, const struct config *c, const struct render_options *render,
                   const struct drift_options *options, bool *same)
{
    struct rendered_set *set = task_alloc(t, sizeof *set);
    struct differences all = { 0 };
    struct report r = { options->json, 0 };
    const struct text nothing = { 0 };
    enum outcome o = render_prepare(t, c, render, set);

    if (o == DONE)
        o = live_compare(t, options->postfix_config, rendered_content(set, "/main.cf.postreeve"),
                         rendered_content(set, "/master.cf.postreeve"), &all);
    if (o != DONE)
        return o;
    if (r.json)
        fputs("{\"differences\": [", stdout);
    if (apply_is_unfinished(t, options->postfix_config))
        tell(t, &r, text_of(options->postfix_config), nothing, "left by a run that did not come to its end", nothing,
             nothing);
    for (size_t i = 0; i < all.count; i++)
        tell(t, &r, all.items[i].file, all.items[i].name, all.items[i].live.at ? "different" : "missing",
             all.items[i].live, all.items[i].rendered);
    tell_files(t, &r, set);
    if (r.json)
        puts(r.count ? "\n]}" : "]}");
    *same = r.count == 0;
    if (fflush(stdout) == 0)
        return DONE;
    log_line(LOG_FAULT, "standard output: %s", strerror(errno));
    return CONFLICT;
}
