// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table. A row's image is made by 'tdxmod sign' with the options given, from one of four
 * module pages: --set is signed that way, --raw changes the file afterwards.
 *
 * Numbers after --raw are places in the file: the sigstruct begins at 4096, the module at 8192,
 * the file ends at 24576. Statuses are those of the "SEAM Loader (SEAMLDR) Interface
 * Specification" and the "TDX Module ABI Specification".
 */
#include "scenario.h"

#include <errno.h>
#include <stdlib.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define CPU_TO_TAKE	1U

/* TDX module statuses. */
#define OPERAND_INVALID		"C000010000000001"
#define SYS_BUSY		"8000020200000000"
#define NO_ENTROPY		"8000020300000000"
#define INIT_NOT_PENDING	"C000050000000000"
#define LP_INIT_DONE		"C000050300000000"
#define NOT_READY		"C000050500000000"
#define SHUTDOWN_BEFORE		"C000050600000000"
#define STATE_INCORRECT		"C000050800000000"
#define INVALID_HANDOFF		"C000050900000000"
#define INCOMPATIBLE_SIGSTRUCT	"C000050A00000000"
#define LP_INIT_NOT_PENDING	"C000050B00000000"
#define COMPAT_SENSITIVE	"8000051200010000"

/*
 * Statuses of SEAMLDR.INSTALL: those that another session does not cure, and shortages, which
 * are worth up to ten sessions.
 */
#define REFUSALS(ROW)							\
	ROW("ebadparam", "8000000000000000", "firmware-invalid", "image-rejected")	\
	ROW("ebadcall", "8000000000000003", "hw-error", "install-failed")		\
	ROW("ebadhandoff", "8000000000000004", "firmware-invalid", "image-rejected")	\
	ROW("ecleanupreq", "8000000000000005", "hw-error", "install-failed")		\
	ROW("eunsupported", "8000000000000006", "firmware-invalid", "image-rejected")	\
	ROW("eunsupcpu", "8000000000010004", "firmware-invalid", "image-rejected")	\
	ROW("ebadsig", "8000000000020000", "firmware-invalid", "image-rejected")	\
	ROW("ebadhash", "8000000000020001", "firmware-invalid", "image-rejected")	\
	ROW("einterrupt", "8000000000030000", "hw-error", "install-failed")		\
	ROW("unknown-status", "8000000012345678", "hw-error", "install-failed")
#define SHORTAGES(ROW)							\
	ROW("enomem", "8000000000010002", "device-busy", "seamldr-resources")		\
	ROW("eunspecerr", "8000000000010003", "hw-error", "install-failed")		\
	ROW("enoentropy", "8000000000030001", "device-busy", "seamldr-resources")

#define EBADHASH	"8000000000020001"
#define EBADSIG		"8000000000020000"
#define ENOMEM_STATUS	"8000000000010002"
#define NO_ENTROPY_INSTALL "8000000000030001"

/* Refused in phase preparing: nothing was stopped, no session opened. */
#define REFUSE(_name, _image, _error, _reason)				\
	{ .name = _name, .image = _image, .error = "preparing:" _error,	\
	  .reason = _reason, .outcome = REFUSED }
#define REFUSE_FORMAT(_format, _name, _image, _error, _reason)		\
	{ .name = _name, .image = _image, .error = "preparing:" _error,	\
	  .reason = _reason, .outcome = REFUSED, .format = _format }
#define REFUSE_SIZE(_name, _size, _reason)				\
	{ .name = _name, .size = _size,					\
	  .error = "preparing:invalid-file-size", .reason = _reason, .outcome = REFUSED }
#define REFUSE_HOST(_name, _host, _image, _error, _reason)		\
	{ .name = _name, .host = _host, .image = _image,		\
	  .error = "preparing:" _error, .reason = _reason, .outcome = REFUSED }
#define REFUSE_FIELD(_field)						\
	REFUSE("sigstruct-" _field, "--set " _field, "firmware-invalid", "sigstruct")
#define TAKE(_name, _host, _image)					\
	{ .name = _name, .host = _host, .image = _image, .error = "",	\
	  .reason = "none", .outcome = INSTALLED, .sessions = 1 }
/* Fails while all CPUs are stopped. */
#define FAIL(_name, _host, _error, _reason, _outcome, _sessions)	\
	{ .name = _name, .host = _host, .error = "transferring:" _error,	\
	  .reason = _reason, .outcome = _outcome, .sessions = _sessions }
#define PASS(_name, _host, _sessions)					\
	{ .name = _name, .host = _host, .error = "", .reason = "none",	\
	  .outcome = INSTALLED, .sessions = _sessions }

static int take_cpu(struct world *world)
{
	return cpu_set_online(CPU_TO_TAKE, false);
}

static int give_cpu_back(struct world *world)
{
	return cpu_set_online(CPU_TO_TAKE, true);
}

static int begin_td(struct world *world)
{
	world->unfinished_td = td_new(1);
	return world->unfinished_td ? td_init(world->unfinished_td) : -errno;
}

static int fail_to_begin_td(struct world *world)
{
	return begin_td(world) ? 0 : -EEXIST;
}

static int drop_td(struct world *world)
{
	td_destroy(world->unfinished_td);
	world->unfinished_td = NULL;
	return 0;
}

static int reload_driver(struct world *world)
{
	return driver_reload();
}

/* Who waits for CPU hotplug to be let go is then there before the next who holds it off. */
static int hurry_rcu(struct world *world)
{
	return system("echo 1 >/sys/kernel/rcu_expedited") ? -EIO : 0;
}

static const struct moment cpu_offline = { .before = take_cpu, .after = give_cpu_back };
static const struct moment td_build = { .before = begin_td, .after = drop_td };
static const struct moment failed_td_build = { .before = fail_to_begin_td, .after = drop_td };
static const struct moment driver_reloaded = { .after = reload_driver };

/*
 * Between the checks of prepare() and the stop. Metadata is read first, by prepare() as by the
 * update, and that is made slow. Then a TD's build that begins in phase transferring is there before
 * the last look; and a CPU that is to go offline in phase preparing does so as soon as prepare()
 * holds CPU hotplug off no more, before the update does again.
 */
#define SLOW_METADATA	"latency=TDH.SYS.RD:100000000"
static const struct moment td_build_begins = {
	.status = "transferring", .during = begin_td, .after = drop_td,
};
static const struct moment cpu_goes_offline = {
	.before = hurry_rcu, .status = "preparing", .during = take_cpu, .after = give_cpu_back,
};

/* Of both formats. */
static const struct scenario file[] = {
	TAKE("good-image", NULL, NULL),

	REFUSE_SIZE("one-byte", 1, "file-size"),
	REFUSE_SIZE("header-only", 4096, "file-size"),
	REFUSE_SIZE("no-module", 2 * 4096, "file-size"),
	REFUSE_SIZE("one-byte-short", 6 * 4096 - 1, "file-size"),
	REFUSE_SIZE("one-byte-long", 6 * 4096 + 1, "file-size"),
	REFUSE_SIZE("longer-than-any", 502 * 4096, "file-size"),
	{ .name = "one-page-short", .size = 5 * 4096, .format = 1, .outcome = REFUSED,
	  .error = "preparing:invalid-file-size", .reason = "length-field" },
	{ .name = "one-page-short", .size = 5 * 4096, .format = 2, .outcome = REFUSED,
	  .error = "preparing:invalid-file-size", .reason = "page-count" },
	{ .name = "one-page-long", .size = 7 * 4096, .format = 1, .outcome = REFUSED,
	  .error = "preparing:invalid-file-size", .reason = "length-field" },
	{ .name = "one-page-long", .size = 7 * 4096, .format = 2, .outcome = REFUSED,
	  .error = "preparing:invalid-file-size", .reason = "page-count" },

	REFUSE("unknown-format", "--raw 1=9", "firmware-invalid", "format-version"),
	REFUSE("reserved-byte", "--raw 4095=1", "firmware-invalid", "reserved-bytes"),
	REFUSE_FORMAT(1, "magic", "--raw 8=^1", "firmware-invalid", "magic"),
	REFUSE_FORMAT(2, "magic", "--raw 4=^1", "firmware-invalid", "magic"),
	REFUSE_FORMAT(1, "other-format", "--raw 1=2", "firmware-invalid", "magic"),
	REFUSE_FORMAT(2, "other-format", "--raw 1=1", "firmware-invalid", "magic"),
	REFUSE_FORMAT(1, "first-reserved-byte", "--raw 20=1", "firmware-invalid",
		      "reserved-bytes"),
	REFUSE_FORMAT(2, "first-reserved-byte", "--raw 20=1", "firmware-invalid",
		      "reserved-bytes"),
	REFUSE_FORMAT(1, "length-field", "--raw 16=^1", "invalid-file-size", "length-field"),
	REFUSE_FORMAT(1, "module-not-on-a-page", "--raw 4=1", "firmware-invalid",
		      "module-offset"),
	REFUSE_FORMAT(1, "module-in-the-header", "--raw 5=0", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(1, "no-sigstruct-page", "--raw 5=0x10", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(1, "no-module-page", "--raw 5=0x60", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(1, "module-behind-the-end", "--raw 6=0x7f", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(1, "sigstruct-into-the-module", "--raw 5=0x30", "firmware-invalid",
		      "sigstruct-pages"),
	REFUSE_FORMAT(2, "no-sigstruct-page", "--raw 12=0", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(2, "no-module-page", "--raw 16=0", "invalid-file-size", "page-count"),
	REFUSE_FORMAT(2, "too-many-sigstruct-pages", "--raw 15=0xff", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(2, "too-many-module-pages", "--raw 19=0xff", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(2, "one-module-page-less", "--raw 16=3", "invalid-file-size",
		      "page-count"),
	REFUSE_FORMAT(2, "sigstruct-into-the-module", "--raw 12=2 --raw 16=3",
		      "firmware-invalid", "sigstruct-pages"),
	REFUSE("two-sigstruct-pages", "--sigstruct-pages 2", "firmware-invalid",
	       "sigstruct-pages"),
	REFUSE("four-sigstruct-pages", "--sigstruct-pages 4", "firmware-invalid",
	       "sigstruct-pages"),

	REFUSE("first-module-byte", "--raw 8192=^1", "firmware-invalid", "hash"),
	REFUSE("last-module-byte", "--raw 24575=^128", "firmware-invalid", "hash"),
	TAKE("checksum-byte", NULL, "--raw 2=^1"),
	TAKE("unsigned-tail", NULL, "--raw 6144=1 --raw 8191=1"),
};

static const struct scenario preflight[] = {
	REFUSE_FIELD("header_type=5"),
	REFUSE_FIELD("header_length=0xe0"),
	REFUSE_FIELD("header_version=0xffff"),
	REFUSE_FIELD("module_type=1"),
	REFUSE_FIELD("module_vendor=0x8087"),
	REFUSE_FIELD("size=0x201"),
	REFUSE_FIELD("key_size=0x61"),
	REFUSE_FIELD("modulus_size=0x61"),
	REFUSE_FIELD("exponent_size=2"),
	REFUSE_FIELD("exponent=3"),
	REFUSE_FIELD("attributes=1"),
	REFUSE_FIELD("min_update_hv=1"),
	REFUSE_FIELD("gdt_idt_offset=4096"),
	REFUSE_FIELD("fault_wrapper_offset=4096"),
	REFUSE_FIELD("cpuid_table_size=256"),
	REFUSE("sigstruct-reserved", "--raw 4136=1", "firmware-invalid", "sigstruct"),
	REFUSE("sigstruct-byte-989", "--raw 5085=1", "firmware-invalid", "sigstruct"),
	REFUSE("gdt-idt-not-on-a-page",
	       "--set gdt_idt_offset=100 --set fault_wrapper_offset=512", "firmware-invalid",
	       "sigstruct"),
	REFUSE("gdt-idt-behind-the-end",
	       "--set gdt_idt_offset=16384 --set fault_wrapper_offset=512",
	       "firmware-invalid", "sigstruct"),
	REFUSE("fault-wrapper-behind-the-end",
	       "--set gdt_idt_offset=4096 --set fault_wrapper_offset=15873",
	       "firmware-invalid", "sigstruct"),
	TAKE("offsets-at-the-end", NULL,
	     "--set gdt_idt_offset=12288 --set fault_wrapper_offset=15872"),

	REFUSE("hash-byte", "--raw 4996=^1", "firmware-invalid", "signature"),
	REFUSE("other-hash-signed", "--set seamhash=" /* 48 bytes */
	       "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	       "00112233445566778899aabbccddeeff", "firmware-invalid", "hash"),
	REFUSE("signature-byte", "--raw 4612=^1", "firmware-invalid", "signature"),
	REFUSE("modulus-byte", "--raw 4300=^1", "firmware-invalid", "signature"),
	REFUSE("version-byte", "--raw 5096=^1", "firmware-invalid", "signature"),
	REFUSE("header-version-byte", "--raw 4104=^1", "firmware-invalid", "signature"),

	REFUSE("debug-signed", "--debug", "firmware-invalid", "debug-signed"),
	TAKE("debug-signed-on-debug-platform", "debug_platform=1", "--debug --cpu none"),
	REFUSE("other-cpu", "--cpu 0xc06f2", "firmware-invalid", "cpu-table"),
	REFUSE("no-cpu", "--cpu none", "firmware-invalid", "cpu-table"),
	REFUSE_HOST("one-cpu-differs", "cpuid=0x806f8:0x806f8:0x806f8:0xc06f2", NULL,
		    "firmware-invalid", "cpu-table"),
	TAKE("mixed-models", "cpuid=0x806f8:0xc06f2", "--cpu 0xc06f0,0x806f0"),
	TAKE("mixed-steppings", "cpuid=0x806f8:0x806f4:0x806f1", NULL),
	REFUSE("older-svn", "--svn 1.4", "firmware-invalid", "svn"),
	REFUSE("other-svn-major", "--svn 2.5", "firmware-invalid", "svn"),
	REFUSE_HOST("svn-major-zero", "svn=0.5", "--svn 0.5", "firmware-invalid", "svn"),
	TAKE("newer-svn", NULL, "--svn 1.6"),

	REFUSE("handoff-too-new", "--hv 3 --min-hv 2", "firmware-invalid",
	       "handoff-version"),
	REFUSE_HOST("handoff-too-old", "module_hv=5 min_update_hv=3", "--hv 2",
		    "firmware-invalid", "handoff-version"),
	REFUSE_HOST("handoff-no-downgrade", "module_hv=5 no_downgrade=1", "--hv 4",
		    "firmware-invalid", "handoff-version"),
	TAKE("handoff-overlap", "module_hv=5 min_update_hv=2", "--hv 4 --min-hv 3"),
	TAKE("handoff-newer-image", "module_hv=5 min_update_hv=5 no_downgrade=1",
	     "--hv 9 --min-hv 5"),

	REFUSE_HOST("no-updates-left", "updates=0", NULL, "flash-wearout",
		    "no-updates-left"),
	TAKE("one-update-left", "updates=1", NULL),
	REFUSE_HOST("seamldr-silent", "fault=SEAMLDR.INFO:any:1-100:0:cf", NULL, "hw-error",
		    "no-seamldr"),
	TAKE("seamldr-late", "fault=SEAMLDR.INFO:any:1-99:0:cf", NULL),
	REFUSE_HOST("seamldr-info-fails", "fault=SEAMLDR.INFO:any:1:8000000000000000", NULL,
		    "hw-error", "no-seamldr"),
	REFUSE_HOST("module-silent", "fault=TDH.SYS.RD:any:1+:" NOT_READY, NULL, "hw-error",
		    "module-state"),
	REFUSE_HOST("module-does-not-preserve-tds", "features0=0x140000", NULL, "hw-error",
		    "module-state"),

	{ .name = "cpu-offline", .moment = &cpu_offline, .error = "preparing:device-busy",
	  .reason = "cpu-offline", .outcome = REFUSED },
	{ .name = "td-build", .moment = &td_build, .error = "preparing:device-busy",
	  .reason = "td-build", .outcome = REFUSED },
	{ .name = "td-build-that-failed", .moment = &failed_td_build,
	  .host = "fault=TDH.MNG.CREATE:any:1+:" NO_ENTROPY, .error = "", .reason = "none",
	  .outcome = INSTALLED, .sessions = 1 },
	{ .name = "td-build-begins-before-the-stop", .host = SLOW_METADATA,
	  .moment = &td_build_begins, .error = "transferring:device-busy",
	  .reason = "td-build", .outcome = REFUSED },
	{ .name = "cpu-goes-offline-before-the-stop", .host = SLOW_METADATA,
	  .moment = &cpu_goes_offline, .error = "transferring:device-busy",
	  .reason = "cpu-offline", .outcome = REFUSED },
	{ .name = "seamldr-silent-before-the-stop", .host = "fault=SEAMLDR.INFO:any:2+:0:cf",
	  .error = "transferring:hw-error", .reason = "no-seamldr", .outcome = REFUSED },
};

#define INSTALL(cpu, nth, status)	"fault=SEAMLDR.INSTALL:" cpu ":" nth ":" status

#define ROLLED_BACK_ROW(name, status, error, reason)			\
	FAIL("install-" name, INSTALL("last", "1", status), error, reason, ROLLED_BACK, 2),
#define SECOND_SESSION_ROW(name, status, error, reason)			\
	PASS("install-" name "-once", INSTALL("last", "1", status), 2),
#define TENTH_SESSION_ROW(name, status, error, reason)			\
	PASS("install-" name "-9-times", INSTALL("last", "1-9", status), 10),
#define ROLLED_BACK_LATE_ROW(name, status, error, reason)		\
	FAIL("install-" name "-10-times", INSTALL("last", "1-10", status), error, reason,	\
	     ROLLED_BACK, 11),
#define ROLLED_BACK_LAST_ROW(name, status, error, reason)		\
	FAIL("install-" name "-19-times", INSTALL("last", "1-19", status), error, reason,	\
	     ROLLED_BACK, 20),
#define FROZEN_WITH_KEPT_ROW(name, status, error, reason)		\
	FAIL("install-" name "-always", INSTALL("last", "1+", status), error, reason,	\
	     FROZEN, 2),
#define FROZEN_LATE_WITH_KEPT_ROW(name, status, error, reason)		\
	FAIL("install-" name "-always", INSTALL("last", "1+", status), error, reason,	\
	     FROZEN, 20),

/* With an image to go back to. */
static const struct scenario kept[] = {
	PASS("shutdown-busy-99-times", "fault=TDH.SYS.SHUTDOWN:any:1-99:" SYS_BUSY, 1),
	FAIL("shutdown-busy-100-times", "fault=TDH.SYS.SHUTDOWN:any:1-100:" SYS_BUSY,
	     "device-busy", "module-busy", REFUSED, 0),
	FAIL("shutdown-operand", "fault=TDH.SYS.SHUTDOWN:any:1:" OPERAND_INVALID,
	     "hw-error", "shutdown-failed", REFUSED, 0),
	FAIL("shutdown-before", "fault=TDH.SYS.SHUTDOWN:any:1:" SHUTDOWN_BEFORE,
	     "hw-error", "shutdown-failed", REFUSED, 0),
	FAIL("shutdown-compat-sensitive", "fault=TDH.SYS.SHUTDOWN:any:1:" COMPAT_SENSITIVE,
	     "device-busy", "td-build", REFUSED, 0),
	FAIL("shutdown-vmfail", "fault=TDH.SYS.SHUTDOWN:any:1:0:cf", "hw-error",
	     "shutdown-failed", REFUSED, 0),
	PASS("module-knows-compat-sensitive", "features0=0x800000140002", 1),

	REFUSALS(ROLLED_BACK_ROW)
	REFUSALS(FROZEN_WITH_KEPT_ROW)
	SHORTAGES(SECOND_SESSION_ROW)
	SHORTAGES(TENTH_SESSION_ROW)
	SHORTAGES(ROLLED_BACK_LATE_ROW)
	SHORTAGES(ROLLED_BACK_LAST_ROW)
	SHORTAGES(FROZEN_LATE_WITH_KEPT_ROW)
	FAIL("install-ebadsig-on-first", INSTALL("first", "1", EBADSIG), "firmware-invalid",
	     "image-rejected", ROLLED_BACK, 2),
	FAIL("install-ebadsig-on-cpu-2", INSTALL("2", "1", EBADSIG), "firmware-invalid",
	     "image-rejected", ROLLED_BACK, 2),
	FAIL("install-ebadsig-everywhere", INSTALL("any", "1-4", EBADSIG), "firmware-invalid",
	     "image-rejected", ROLLED_BACK, 2),
	PASS("install-enomem-on-first", INSTALL("first", "1", ENOMEM_STATUS), 2),
	PASS("install-enomem-on-cpu-2", INSTALL("2", "1", ENOMEM_STATUS), 2),
	PASS("install-busy-99-times-on-first", INSTALL("first", "1-99", "0:cf"), 1),
	PASS("install-busy-99-times-on-last", INSTALL("last", "1-99", "0:cf"), 1),
	PASS("install-busy-99-times-on-cpu-2", INSTALL("2", "1-99", "0:cf"), 1),
	/* The others are in the session: that CPU gets another chance, ten in all. */
	PASS("install-busy-100-times-on-first", INSTALL("first", "1-100", "0:cf"), 1),
	PASS("install-busy-100-times-on-last", INSTALL("last", "1-100", "0:cf"), 1),
	PASS("install-busy-999-times-on-cpu-2", INSTALL("2", "1-999", "0:cf"), 1),
	/* The session stays open, and that CPU ends it with the image that is kept. */
	FAIL("install-busy-1000-times-on-cpu-2", INSTALL("2", "1-1000", "0:cf"), "hw-error",
	     "install-failed", ROLLED_BACK, 1),
	FAIL("install-busy-always-on-cpu-2", INSTALL("2", "1+", "0:cf"), "hw-error",
	     "install-failed", FROZEN, 1),
	FAIL("install-busy-always", INSTALL("any", "1+", "0:cf"), "hw-error",
	     "install-failed", FROZEN, 0),
	{ .name = "sigstruct-of-later-version", .image = "--set header_version=0x10001",
	  .error = "transferring:firmware-invalid", .reason = "image-rejected",
	  .outcome = ROLLED_BACK, .sessions = 2 },
	/* What its fields mean is not known, so that nothing is made of them. */
	{ .name = "sigstruct-of-later-version-and-older-svn",
	  .image = "--set header_version=0x10001 --svn 1.4",
	  .error = "transferring:firmware-invalid", .reason = "image-rejected",
	  .outcome = ROLLED_BACK, .sessions = 2 },
	{ .name = "module-does-not-fit", .host = "seam_pages=4", .image = "--pages 5",
	  .error = "transferring:device-busy", .reason = "seamldr-resources",
	  .outcome = ROLLED_BACK, .sessions = 11 },

	PASS("sys-init-busy-99-times", "fault=TDH.SYS.INIT:any:1-99:" SYS_BUSY, 1),
	FAIL("sys-init-busy-100-times", "fault=TDH.SYS.INIT:any:1-100:" SYS_BUSY, "hw-error",
	     "sys-init-failed", ROLLED_BACK, 2),
	PASS("sys-init-no-entropy-99-times", "fault=TDH.SYS.INIT:any:1-99:" NO_ENTROPY, 1),
	FAIL("sys-init-no-entropy-100-times", "fault=TDH.SYS.INIT:any:1-100:" NO_ENTROPY,
	     "hw-error", "sys-init-failed", ROLLED_BACK, 2),
	FAIL("sys-init-not-pending", "fault=TDH.SYS.INIT:any:1:" INIT_NOT_PENDING, "hw-error",
	     "sys-init-failed", ROLLED_BACK, 2),
	FAIL("sys-init-incompatible", "fault=TDH.SYS.INIT:any:1:" INCOMPATIBLE_SIGSTRUCT,
	     "firmware-invalid", "image-rejected", ROLLED_BACK, 2),
	FAIL("sys-init-vmfail", "fault=TDH.SYS.INIT:any:1:0:cf", "hw-error",
	     "sys-init-failed", ROLLED_BACK, 2),
	FAIL("sys-init-always", "fault=TDH.SYS.INIT:any:1+:" INIT_NOT_PENDING, "hw-error",
	     "sys-init-failed", FROZEN, 2),
	FAIL("sys-init-busy-always", "fault=TDH.SYS.INIT:any:1+:" SYS_BUSY, "hw-error",
	     "sys-init-failed", FROZEN, 2),

	PASS("lp-init-busy-99-times", "fault=TDH.SYS.LP.INIT:1:1-99:" SYS_BUSY, 1),
	FAIL("lp-init-busy-100-times", "fault=TDH.SYS.LP.INIT:1:1-100:" SYS_BUSY, "hw-error",
	     "lp-init-failed", ROLLED_BACK, 2),
	PASS("lp-init-no-entropy-99-times", "fault=TDH.SYS.LP.INIT:3:1-99:" NO_ENTROPY, 1),
	FAIL("lp-init-no-entropy-100-times", "fault=TDH.SYS.LP.INIT:3:1-100:" NO_ENTROPY,
	     "hw-error", "lp-init-failed", ROLLED_BACK, 2),
	FAIL("lp-init-not-pending", "fault=TDH.SYS.LP.INIT:any:1:" LP_INIT_NOT_PENDING,
	     "hw-error", "lp-init-failed", ROLLED_BACK, 2),
	FAIL("lp-init-done", "fault=TDH.SYS.LP.INIT:2:1:" LP_INIT_DONE, "hw-error",
	     "lp-init-failed", ROLLED_BACK, 2),
	FAIL("lp-init-vmfail", "fault=TDH.SYS.LP.INIT:0:1:0:cf", "hw-error", "lp-init-failed",
	     ROLLED_BACK, 2),
	FAIL("lp-init-always", "fault=TDH.SYS.LP.INIT:any:1+:" LP_INIT_DONE, "hw-error",
	     "lp-init-failed", FROZEN, 2),

	PASS("sys-update-busy-99-times", "fault=TDH.SYS.UPDATE:any:1-99:" SYS_BUSY, 1),
	FAIL("sys-update-busy-100-times", "fault=TDH.SYS.UPDATE:any:1-100:" SYS_BUSY,
	     "hw-error", "sys-update-failed", ROLLED_BACK, 2),
	FAIL("sys-update-wrong-state", "fault=TDH.SYS.UPDATE:any:1:" STATE_INCORRECT,
	     "hw-error", "sys-update-failed", ROLLED_BACK, 2),
	FAIL("sys-update-handoff", "fault=TDH.SYS.UPDATE:any:1:" INVALID_HANDOFF,
	     "firmware-invalid", "image-rejected", ROLLED_BACK, 2),
	FAIL("sys-update-vmfail", "fault=TDH.SYS.UPDATE:any:1:0:cf", "hw-error",
	     "sys-update-failed", ROLLED_BACK, 2),
	FAIL("sys-update-always", "fault=TDH.SYS.UPDATE:any:1+:" STATE_INCORRECT, "hw-error",
	     "sys-update-failed", FROZEN, 2),

	/* The image is kept by the core, not by the driver. */
	{ .name = "driver-reloaded", .moment = &driver_reloaded, .error = "", .reason = "none",
	  .outcome = INSTALLED, .sessions = 1 },
	FAIL("rolled-back-after-driver-was-reloaded", INSTALL("last", "1", EBADSIG),
	     "firmware-invalid", "image-rejected", ROLLED_BACK, 2),

	/* The one that failed and the one that is kept. */
	FAIL("two-updates-left", "updates=2 fault=TDH.SYS.INIT:any:1:" INIT_NOT_PENDING,
	     "hw-error", "sys-init-failed", ROLLED_BACK, 2),
};

#define FROZEN_ROW(name, status, error, reason)				\
	FAIL("install-" name, INSTALL("last", "1", status), error, reason, FROZEN, 1),
#define FROZEN_LATE_ROW(name, status, error, reason)			\
	FAIL("install-" name "-10-times", INSTALL("last", "1-10", status), error, reason,	\
	     FROZEN, 10),

/* With none to go back to: once frozen, each row goes on from there. */
static const struct scenario fresh[] = {
	FAIL("shutdown-busy-100-times", "fault=TDH.SYS.SHUTDOWN:any:1-100:" SYS_BUSY,
	     "device-busy", "module-busy", REFUSED, 0),
	REFUSALS(FROZEN_ROW)
	SHORTAGES(FROZEN_LATE_ROW)
	FAIL("install-ebadsig-on-first", INSTALL("first", "1", EBADSIG), "firmware-invalid",
	     "image-rejected", FROZEN, 1),
	FAIL("install-ebadsig-on-cpu-2", INSTALL("2", "1", EBADSIG), "firmware-invalid",
	     "image-rejected", FROZEN, 1),
	FAIL("sys-init-not-pending", "fault=TDH.SYS.INIT:any:1:" INIT_NOT_PENDING, "hw-error",
	     "sys-init-failed", FROZEN, 1),
	FAIL("lp-init-busy-100-times", "fault=TDH.SYS.LP.INIT:1:1-100:" SYS_BUSY, "hw-error",
	     "lp-init-failed", FROZEN, 1),
	FAIL("sys-update-handoff", "fault=TDH.SYS.UPDATE:any:1:" INVALID_HANDOFF,
	     "firmware-invalid", "image-rejected", FROZEN, 1),
	REFUSE("module-byte", "--raw 8192=^1", "firmware-invalid", "hash"),
	REFUSE("older-svn", "--svn 1.4", "firmware-invalid", "svn"),
	REFUSE("handoff-not-as-written", "--hv 3 --min-hv 1", "firmware-invalid",
	       "handoff-version"),
	REFUSE_HOST("no-updates-left", "updates=0", NULL, "flash-wearout",
		    "no-updates-left"),
	/* Opens a session that stays open, which the next row ends. */
	{ .name = "install-busy-1000-times-on-cpu-2", .host = INSTALL("2", "1-1000", "0:cf"),
	  .error = "transferring:hw-error", .reason = "install-failed", .outcome = FROZEN,
	  .sessions = 1, .moment = &driver_reloaded },
	PASS("good-image-ends-open-session", NULL, 0),
};

/*
 * The version in which the old module wrote its handoff data is that of the data for good, whatever
 * the old module could have written: each row goes on from there.
 */
#define WRITES_2_TO_5	"module_hv=5 min_update_hv=2 "

static const struct scenario handoff[] = {
	{ .name = "version-4-written", .host = WRITES_2_TO_5 INSTALL("last", "1", EBADSIG),
	  .image = "--hv 4 --min-hv 3", .error = "transferring:firmware-invalid",
	  .reason = "image-rejected", .outcome = FROZEN, .sessions = 1 },
	{ .name = "later-sigstruct", .image = "--set header_version=0x10001",
	  .error = "transferring:firmware-invalid", .reason = "image-rejected",
	  .outcome = FROZEN, .sessions = 1 },
	REFUSE("older-than-written", "--hv 3 --min-hv 0", "firmware-invalid", "handoff-version"),
	REFUSE("newer-than-written", "--hv 5 --min-hv 5", "firmware-invalid", "handoff-version"),
	TAKE("as-written", NULL, "--hv 5 --min-hv 2"),
	/* That one is kept, and takes what it wrote itself. */
	{ .name = "version-3-rolled-back", .host = WRITES_2_TO_5 INSTALL("last", "1", EBADSIG),
	  .image = "--hv 3 --min-hv 1", .error = "transferring:firmware-invalid",
	  .reason = "image-rejected", .outcome = ROLLED_BACK, .sessions = 2 },
};

/* No module and no handoff data is left: whatever the status was, nothing helps but a reboot. */
#define LOST_ROW(name, status, error, reason)				\
	FAIL("install-" name, INSTALL("last", "1", status ":1"), "hw-error", reason, LOST, 1),

static const struct scenario lost[] = {
	REFUSALS(LOST_ROW)
	SHORTAGES(LOST_ROW)
	FAIL("install-ebadhash-on-first", INSTALL("first", "1", EBADHASH ":1"),
	     "hw-error", "image-rejected", LOST, 1),
	FAIL("install-ebadhash-on-cpu-2", INSTALL("2", "1", EBADHASH ":1"),
	     "hw-error", "image-rejected", LOST, 1),
	FAIL("last-update-used-up", "updates=1 fault=TDH.SYS.INIT:any:1:" INIT_NOT_PENDING,
	     "hw-error", "sys-init-failed", LOST, 1),
	{ .name = "driver-reloaded", .host = INSTALL("last", "1", EBADHASH ":1"),
	  .error = "transferring:hw-error", .reason = "image-rejected", .outcome = LOST,
	  .sessions = 1, .moment = &driver_reloaded },
};

static const struct scenario lost_with_kept[] = {
	FAIL("install-ebadhash-with-kept", INSTALL("last", "1", EBADHASH ":1"),
	     "hw-error", "image-rejected", LOST, 1),
	FAIL("second-session-unrecoverable",
	     INSTALL("last", "1", NO_ENTROPY_INSTALL) " "
	     INSTALL("last", "2", ENOMEM_STATUS ":1"), "hw-error", "seamldr-resources",
	     LOST, 2),
	FAIL("rollback-unrecoverable",
	     INSTALL("last", "1", EBADSIG) " " INSTALL("last", "2", EBADHASH ":1"),
	     "hw-error", "image-rejected", LOST, 2),
	FAIL("last-update-used-up-with-kept",
	     "updates=1 fault=TDH.SYS.INIT:any:1:" INIT_NOT_PENDING, "hw-error",
	     "sys-init-failed", LOST, 2),
};

const struct group groups[] = {
	{ .name = "file", .scenarios = file, .nr = ARRAY_SIZE(file),
	  .kept = true, .recover = true },
	{ .name = "preflight", .scenarios = preflight, .nr = ARRAY_SIZE(preflight),
	  .kept = true, .recover = true },
	{ .name = "kept", .scenarios = kept, .nr = ARRAY_SIZE(kept),
	  .kept = true, .recover = true },
	{ .name = "fresh", .scenarios = fresh, .nr = ARRAY_SIZE(fresh) },
	{ .name = "handoff", .scenarios = handoff, .nr = ARRAY_SIZE(handoff) },
	{ .name = "lost", .scenarios = lost, .nr = ARRAY_SIZE(lost), .alone = true },
	{ .name = "lost-with-kept", .scenarios = lost_with_kept,
	  .nr = ARRAY_SIZE(lost_with_kept), .kept = true, .alone = true },
};
const size_t nr_groups = ARRAY_SIZE(groups);
