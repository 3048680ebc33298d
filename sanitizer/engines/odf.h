/* odf.h - the engine behind odt, ods, odp, odg, odf and the flat format: ISO/IEC 26300 (packages: part 3, ODF 1.3 part
 * 2).
 *
 * Pass 1 reads the directory, META-INF/manifest.xml, then every document (the package's own and embedded objects, from
 * reference to reference) through the XML filter without output: which pictures and objects are shown, which styles
 * hide text, which names do not cross. Between the passes each picture is rebuilt by a child job. Pass 2 writes
 * mimetype, pictures, documents through the same hooks, and a manifest of what was written. What no document leads to
 * does not cross. Cleaning an output again gives the same bytes. The flat format is one document with its pictures in
 * base64 inside. To add an element or attribute: a row in rules/odf.def, odf_attributes.def; a setting:
 * odf_settings.def. */
#pragma once

#include "model/job.h"

gboolean mgk_odf_clean(MgkJob *job, GError **error);
gboolean mgk_odf_clean_flat(MgkJob *job, GError **error);
/* handler->probe of the packages: by media type, in the mimetype member or the manifest. */
guint mgk_odf_probe(const MgkProbe *probe, MgkFormatId format);
/* The media type a ZIP archive names as OpenDocument does, or ""; owned by the caller. */
char *mgk_odf_peek_type(const MgkProbe *probe);
