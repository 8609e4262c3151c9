/* server/base/log.c */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_BYTES 2048

static int with_priorities; /* the one mutable global that style allows: the log */

void log_with_priorities(int yes)
{
    with_priorities = yes;
}

void log_line(enum log_level level, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    int start = with_priorities ? snprintf(line, sizeof line, "<%d>", (int)level) : 0;
    int length;
    ssize_t written;

    va_start(args, format);
    length = vsnprintf(line + start, sizeof line - (size_t)start - 1, format, args);
    va_end(args);
    if (length < 0)
        return;
    length += start;
    if (length > (int)sizeof line - 2)
        length = (int)sizeof line - 2;
    for (int i = start; i < length; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = '?';
    line[length++] = '\n';
    written = write(STDERR_FILENO, line, (size_t)length); /* one write: lines of threads never mix */
    (void)written;
}
