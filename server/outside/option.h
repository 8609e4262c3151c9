/* server/outside/option.h - options of a curl handle, where one that is refused must not pass unseen */
#ifndef POSTREEVE_OUTSIDE_OPTION_H
#define POSTREEVE_OUTSIDE_OPTION_H

#include <curl/curl.h>

/* Sets an option; afterwards *all is CURLE_OK only while every one before was taken. */
#define SET_OPTION(all, curl, option, value)                         \
    do {                                                             \
        CURLcode set_ = curl_easy_setopt((curl), (option), (value)); \
        if (*(all) == CURLE_OK)                                      \
            *(all) = set_;                                           \
    } while (0)

#endif
