/* show.h - answers of the daemon, for people and as JSON. Strings out of mails are escaped. */
#pragma once

#include <glib.h>

/* The whole answer as one line of JSON. */
void mgk_show_json(GVariant *answer);
/* rows: "aa{sv}" of records, one a line. */
void mgk_show_records(GVariant *rows);
/* "record", "more", "parts" and "requests" of one record. */
void mgk_show_record(GVariant *answer);
/* rows: "aa{sv}" of requests, one or two lines each. */
void mgk_show_requests(GVariant *rows);
/* Counts of a month: "a(sst)". csv: as a table for spreadsheets, safe in them. */
void mgk_show_counts(GVariant *counts, gboolean csv);
