/* server/api/command_words.c */
#include "api/command_words.h"

struct text command_option(struct task *t, const struct field *f)
{
    char *words;

    if (f->option)
        return text_of(f->option);
    words = task_c_string(t, text_of(f->name));
    for (char *c = words; *c; c++)
        if (*c == '_')
            *c = '-';
    return text_of(words);
}
