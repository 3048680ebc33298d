/* mail_date.c - dates of mails: read tolerantly (RFC 5322 and its obsolete forms), written strictly. */
#include "engines/mail_fields.h"

#include <string.h>

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

typedef struct Date {
    guint day, month, year, hour, minute, second;
    char zone[6];
} Date;

static guint month_of(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(months); i++) {
        if (g_ascii_strncasecmp(word, months[i], 3) == 0)
            return i + 1;
    }
    return 0;
}

static void take_zone(const char *word, Date *date)
{
    static const struct {
        const char *name, *zone;
    } names[] = {{"JST", "+0900"}, {"GMT", "+0000"}, {"UT", "+0000"},  {"UTC", "+0000"}, {"EST", "-0500"},
                 {"EDT", "-0400"}, {"CST", "-0600"}, {"CDT", "-0500"}, {"MST", "-0700"}, {"MDT", "-0600"},
                 {"PST", "-0800"}, {"PDT", "-0700"}, {"Z", "+0000"}};
    if ((*word == '+' || *word == '-') && strlen(word) == 5 && strspn(word + 1, "0123456789") == 4 && word[3] < '6') {
        g_strlcpy(date->zone, word, sizeof date->zone);
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_ascii_strcasecmp(word, names[i].name) == 0)
            g_strlcpy(date->zone, names[i].zone, sizeof date->zone);
    }
}

static gboolean take_time(const char *word, Date *date)
{
    guint parts[3] = {0};
    guint n = 0;
    for (const char *p = word; n < 3 && g_ascii_isdigit(*p); n++) {
        parts[n] = (guint)g_ascii_strtoull(p, NULL, 10);
        p += strspn(p, "0123456789");
        p += *p == ':';
    }
    if (n < 2 || parts[0] > 23 || parts[1] > 59 || parts[2] > 60)
        return FALSE;
    date->hour = parts[0];
    date->minute = parts[1];
    date->second = parts[2];
    return TRUE;
}

static void take_word(const char *word, Date *date, gboolean *timed)
{
    gsize digits = strspn(word, "0123456789");
    guint number = digits && digits <= 4 ? (guint)g_ascii_strtoull(word, NULL, 10) : 0;
    if (strchr(word, ':'))
        *timed = take_time(word, date) || *timed;
    else if (digits && word[digits] == '\0' && digits <= 2 && !date->day)
        date->day = number;
    else if (digits && word[digits] == '\0' && digits <= 4 && !date->year)
        date->year = digits == 4 ? number : number < 50 ? 2000 + number : 1900 + number;
    else if (!date->month && month_of(word))
        date->month = month_of(word);
    else if (*timed && !*date->zone)
        take_zone(word, date);
}

char *mgk_mail_date(const char *text)
{
    Date date = {0};
    gboolean timed = FALSE;
    if (strlen(text) > 200)
        return NULL;
    g_auto(GStrv) words = g_strsplit_set(text, " ,\t()", 40);
    for (guint i = 0; words[i]; i++) {
        if (*words[i])
            take_word(words[i], &date, &timed);
    }
    if (!timed || date.month < 1 || date.month > G_N_ELEMENTS(months) ||
        !g_date_valid_dmy((GDateDay)MIN(date.day, 99), (GDateMonth)date.month, (GDateYear)date.year) ||
        date.year < 1900 || date.year > 9999)
        return NULL;
    GDate calendar;
    g_date_clear(&calendar, 1);
    g_date_set_dmy(&calendar, (GDateDay)date.day, (GDateMonth)date.month, (GDateYear)date.year);
    return g_strdup_printf("%s, %02u %s %04u %02u:%02u:%02u %s", days[g_date_get_weekday(&calendar) - 1], date.day,
                           months[date.month - 1], date.year, date.hour, date.minute, MIN(date.second, 59),
                           *date.zone ? date.zone : "-0000");
}
