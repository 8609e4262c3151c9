/* server/base/log.h - lines for the operator, on standard error
 *
 * WHAT    One line per event, prefixed by its syslog priority as sd-daemon(3) reads it ("<4>text"), so that journald
 *         keeps the level. Control characters in what came from outside are shown as '?'. Secrets never.
 */
#ifndef POSTREEVE_BASE_LOG_H
#define POSTREEVE_BASE_LOG_H

enum log_level { LOG_FAULT = 3, LOG_WARN = 4, LOG_NOTE = 6 };

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Whether lines carry the "<n>" prefix; off for commands that talk to a person. */
void log_with_priorities(int yes);

#endif
