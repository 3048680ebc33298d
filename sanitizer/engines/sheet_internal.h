/* sheet_internal.h - between the files engines/sheet_*.c; nobody else includes it. */
#pragma once

#include "engines/sheet_state.h"

/* TRUE when a formula may stay; else the finding is recorded. */
gboolean mgk_sheet_judge(MgkXmlFilter *filter, const char *text, gsize size);
gboolean mgk_sheet_attribute_is_true(const MgkXmlAttribute *attribute);

/* ---- scopes (sheet_scope.c) ---- */
void mgk_sheet_scope_open(MgkXmlFilter *filter, gboolean container);
MgkSheetScope *mgk_sheet_scope_top(MgkSheetPart *part); /* NULL outside */
void mgk_sheet_scope_close(MgkXmlFilter *filter);
/* A child that needs no scope of its own stays: its container stays, too. */
void mgk_sheet_scope_survived(MgkXmlFilter *filter);

/* ---- hooks, by file ---- */
MgkXmlAction mgk_sheet_name_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_name_text(MgkXmlFilter *filter, GString *text);
MgkXmlAction mgk_sheet_name_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_sheet_name_scan_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_name_scan_text(MgkXmlFilter *filter, GString *text);
MgkXmlAction mgk_sheet_name_scan_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);

MgkXmlAction mgk_sheet_chart_ref_start(MgkXmlFilter *filter, MgkXmlElement *element);
void mgk_sheet_chart_ref_end(MgkXmlFilter *filter);
MgkXmlAction mgk_sheet_chart_formula_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_chart_cache_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_chart_value_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_chart_value_text(MgkXmlFilter *filter, GString *text);
MgkXmlAction mgk_sheet_chart_scan_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_chart_scan_formula(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_chart_scan_text(MgkXmlFilter *filter, GString *text);

MgkXmlAction mgk_sheet_ghost_scan_shape(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_scan_data(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_scan_capture(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_scan_checked(MgkXmlFilter *filter, GString *text);
MgkXmlAction mgk_sheet_ghost_scan_name(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_scan_legacy(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_name(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_legacy(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_body(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_text_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_ghost_text(MgkXmlFilter *filter, GString *text);
void mgk_sheet_ghost_end(MgkXmlFilter *filter);

MgkXmlAction mgk_sheet_pivot_source_start(MgkXmlFilter *filter, MgkXmlElement *element);
void mgk_sheet_pivot_source_end(MgkXmlFilter *filter);
MgkXmlAction mgk_sheet_pivot_range_start(MgkXmlFilter *filter, MgkXmlElement *element);
MgkXmlAction mgk_sheet_pivot_range_attribute(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
MgkXmlAction mgk_sheet_pivot_formula(MgkXmlFilter *filter, MgkXmlElement *element, MgkXmlAttribute *attribute);
