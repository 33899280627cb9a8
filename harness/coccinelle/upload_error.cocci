// SPDX-License-Identifier: GPL-2.0-only
/// An errno becomes what the upload device reports in one place, tdx_host_upload_error().

virtual report

@known@
identifier code =~ "^FW_UPLOAD_ERR_[^N]";
position p;
@@
code@p

@script:python depends on report@
p << known.p;
code << known.code;
@@
if p[0].current_element != "tdx_host_upload_error":
    coccilib.report.print_report(p[0], "%s() knows %s" % (p[0].current_element, code))
