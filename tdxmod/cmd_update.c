// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod update: choose an image, check it, ask, install it, and say what came
 * of it.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog.h"
#include "command.h"
#include "explain.h"
#include "update.h"
#include "verify.h"

#define DEFAULT_TIMEOUT_SECONDS	120
#define TIMEOUT_SECONDS_MAX	86400

struct update_request {
	const char *sysfs;
	/* One of an image, or a folder to choose from, by version or newest. */
	const char *path;
	const char *folder;
	const char *releases;
	const char *wanted;
	struct version version;
	bool yes;
	bool dry_run;
	bool force_incompatible;
	unsigned long timeout_seconds;
};

static void print_problems(const struct findings *findings, const char *path)
{
	const struct finding *finding;

	for (finding = findings->list; finding < findings->list + findings->count; finding++) {
		if (finding->outcome == OUTCOME_FAIL)
			warnx("%s: %s: %s", path, finding->check, finding->text);
	}
}

/* Sets the path, unless there is nothing to do or nothing to be had. */
static enum exit_code choose_newest(struct update_request *request, struct catalog *catalog,
				    const struct host *host)
{
	const struct catalog_entry *entry;

	catalog_judge(catalog, host);
	entry = catalog_newest(catalog);
	if (!entry) {
		warnx("%s: no image that this host takes and that preserves TDs", request->folder);
		entry = catalog_newest_refused(catalog);
		if (entry)
			print_problems(&entry->findings, entry->path);
		return EXIT_REFUSED;
	}
	/* One that was shut down has to be installed anew for its TDs to go on. */
	if (catalog_is_running(entry, host) &&
	    host_module_state(host) != MODULE_STATE_SHUTDOWN) {
		printf("TDX module: %s is the newest that preserves TDs\n", host->version.text);
		return EXIT_DONE;
	}
	request->path = entry->path;
	return EXIT_DONE;
}

static enum exit_code choose(struct update_request *request, struct catalog *catalog,
			     const struct host *host)
{
	const struct catalog_entry *entry;

	if (request->path)
		return EXIT_DONE;
	if (!request->wanted)
		return choose_newest(request, catalog, host);

	entry = catalog_find(catalog, request->version);
	if (!entry) {
		warnx("%s: no sound image of version %s", request->folder, request->wanted);
		return EXIT_REFUSED;
	}
	request->path = entry->path;
	return EXIT_DONE;
}

static bool accepted(const struct update_request *request, struct findings *findings)
{
	if (request->force_incompatible)
		findings_change(findings, PREFLIGHT_POLICY, OUTCOME_FAIL, OUTCOME_NOTE);
	if (request->dry_run)
		findings_print(findings, request->path);
	else
		print_problems(findings, request->path);
	return !findings_failed(findings);
}

static void warn_of_policy(enum outcome policy)
{
	switch (policy) {
	case OUTCOME_FAIL:
		warnx("the list of releases does not know TDs to survive this update: they may crash or compute wrongly");
		break;
	case OUTCOME_UNKNOWN:
		warnx("no list of releases at hand says whether TDs survive this update");
		break;
	default:
		break;
	}
}

static bool confirm(const struct update_request *request, const struct host *host,
		    const char *version)
{
	char answer[SYSFS_TEXT_SIZE];

	if (request->yes)
		return true;
	fprintf(stderr, "Install TDX module %s in place of %s, from %s? [y/N] ", version,
		host_text(&host->version), request->path);
	return fgets(answer, sizeof(answer), stdin) &&
	       (!strcmp(answer, "y\n") || !strcmp(answer, "yes\n"));
}

static void say_progress(const char *status)
{
	if (strcmp(status, "idle"))
		warnx("%s", status);
}

static void say_recovering(void)
{
	warnx("throwing away an upload that was never finished");
}

static void say_cancelling(void)
{
	warnx("interrupted; asked the kernel to cancel, waiting for what comes of it");
}

static void say_explanation(struct explanation explanation)
{
	warnx("meaning: %s", explanation.meaning);
	warnx("what to do: %s", explanation.next);
}

/* The device may be content and the module not what was asked for. */
static enum exit_code say_success(const struct host *before, const struct host *after,
				  const char *version, double seconds)
{
	struct explanation state = explain_state(after);
	struct version wanted, running;

	printf("TDX module: %s -> %s\n", host_text(&before->version), host_text(&after->version));
	printf("duration: %.2f s\n", seconds);
	if (!after->num_remaining_updates.error)
		printf("updates left: %s\n", after->num_remaining_updates.text);

	if (version_parse(version, &wanted) && host_version(&after->version, &running) &&
	    version_compare(wanted, running))
		warnx("the module that runs now is not %s", version);
	if (state.code != EXIT_DONE)
		say_explanation(state);
	return state.code;
}

/* What became of the module counts more than why. */
static enum exit_code say_failure(const struct host *before, const struct host *after)
{
	struct explanation failure = explain_failure(after), state = explain_state(after);

	if (after->last_error.error)
		warnx("update failed: %s", after->error.text);
	else
		warnx("update failed: %s (%s)", after->error.text, after->last_error.text);
	say_explanation(failure);
	/* A lost module has no version any more. */
	printf("TDX module: %s (%s)\n",
	       host_text(after->version.error ? &before->version : &after->version),
	       after->module_state.error ? "unknown state" : after->module_state.text);
	if (state.code == EXIT_DONE)
		return failure.code;
	say_explanation(state);
	return state.code;
}

static enum exit_code say_end(const struct update_request *request, const struct host *before,
			      const char *version, const struct update *update,
			      enum update_end end)
{
	struct host after = { 0 };

	switch (end) {
	case UPDATE_ENDED:
		host_read(&after, request->sysfs);
		if (after.error.error) {
			warnx("the result cannot be read: %s; see 'tdxmod status'",
			      host_text(&after.error));
			return EXIT_RETRY;
		}
		if (after.error.text[0])
			return say_failure(before, &after);
		return say_success(before, &after, version, update->seconds);
	case UPDATE_NO_DEVICE:
		warnx("the kernel offers no " SYSFS_UPLOAD);
		return EXIT_UNSUPPORTED;
	case UPDATE_NOT_ALLOWED:
		warnx(SYSFS_UPLOAD ": %s; only root may update", strerror(update->error));
		return EXIT_REFUSED;
	case UPDATE_BUSY:
		warnx("another update is in progress; nothing was changed");
		return EXIT_RETRY;
	case UPDATE_INTERRUPTED:
		warnx("interrupted before the kernel had the image; nothing was changed");
		return EXIT_RETRY;
	case UPDATE_WRITE_FAILED:
		warnx("upload: %s; nothing was changed", strerror(update->error));
		return EXIT_RETRY;
	case UPDATE_TIMEOUT:
		warnx("no end after %lu s; the kernel goes on, see 'tdxmod status'",
		      request->timeout_seconds);
		return EXIT_RETRY;
	case UPDATE_LEFT_ALONE:
		warnx("interrupted; the kernel goes on, see 'tdxmod status'");
		return EXIT_RETRY;
	}
	return EXIT_RETRY;
}

static enum exit_code upload(const struct update_request *request, const struct host *host,
			     const char *version, const void *blob, size_t size)
{
	struct update update = {
		.sysfs = request->sysfs,
		.timeout_seconds = request->timeout_seconds,
		.progress = say_progress,
		.recovering = say_recovering,
		.cancelling = say_cancelling,
	};
	enum update_end end;

	end = update_run(&update, blob, size);
	return say_end(request, host, version, &update, end);
}

/* Linux 7.2 takes 0x200 only; its driver is known by what it does not tell. */
static enum exit_code upload_as_taken(const struct update_request *request,
				      const struct host *host, const char *version,
				      const struct image *image)
{
	struct image_parts parts;
	enum exit_code code;
	size_t size;
	void *blob;

	if (host_module_state(host) != MODULE_STATE_UNTOLD)
		return upload(request, host, version, image->blob, image->size);

	image_parts_of(image, &parts);
	parts.version = TDX_BLOB_VERSION_2;
	blob = image_build(&parts, &size);
	if (!blob)
		err(EXIT_RETRY, "%s", request->path);
	code = upload(request, host, version, blob, size);
	free(blob);
	return code;
}

/* The bytes that were checked are the bytes that are uploaded. */
static enum exit_code update_image(const struct update_request *request,
				   const struct image *image, const struct host *host)
{
	char text[VERSION_TEXT_SIZE] = "unknown";
	struct version version;

	if (list_image_version(request->path, image, &version))
		version_format(version, text);
	if (request->dry_run) {
		printf("would install: %s (%s)\n", text, request->path);
		return EXIT_DONE;
	}
	if (!confirm(request, host, text)) {
		warnx("not confirmed; nothing was changed");
		return EXIT_REFUSED;
	}
	return upload_as_taken(request, host, text, image);
}

static enum exit_code update_chosen(struct update_request *request, struct catalog *catalog,
				    const struct host *host)
{
	struct findings findings = { 0 };
	enum outcome policy;
	enum exit_code code;
	struct image image;
	void *blob;

	code = choose(request, catalog, host);
	if (code != EXIT_DONE || !request->path)
		return code;

	blob = verify_read(request->path, &image, &findings);
	if (blob)
		catalog_check(catalog, host, request->path, &image, &findings);
	policy = findings_outcome(&findings, PREFLIGHT_POLICY);
	if (accepted(request, &findings)) {
		warn_of_policy(policy);
		code = update_image(request, &image, host);
	} else {
		code = EXIT_REFUSED;
	}
	findings_free(&findings);
	free(blob);
	return code;
}

static enum exit_code update_host(struct update_request *request, const struct host *host)
{
	const char *folder = request->folder ?: request->releases;
	struct catalog catalog = { 0 };
	enum exit_code code;

	if (!host_has_tdx(host)) {
		warnx("%s", NO_TDX_TEXT);
		return EXIT_UNSUPPORTED;
	}
	if (!host_takes_uploads(host)) {
		warnx("the kernel offers no " SYSFS_UPLOAD);
		return EXIT_UNSUPPORTED;
	}
	if (host_is_busy(host)) {
		warnx("another update is in progress: %s", host->status.text);
		return EXIT_RETRY;
	}
	if (host_module_state(host) == MODULE_STATE_LOST) {
		warnx("%s: %s", explain_state(host).meaning, explain_state(host).next);
		return EXIT_REBOOT;
	}
	if (folder && !catalog_read(folder, &catalog))
		code = EXIT_REFUSED;
	else
		code = update_chosen(request, &catalog, host);
	catalog_free(&catalog);
	return code;
}

/* FILE, --newest DIR or --version V DIR: one of the three. */
static bool take_source(struct update_request *request, int argc, char **argv)
{
	if (request->folder)
		return !request->wanted && !request->releases && optind == argc;
	if (argc - optind != 1 || (request->wanted && request->releases))
		return false;
	if (request->wanted)
		request->folder = argv[optind];
	else
		request->path = argv[optind];
	return true;
}

static enum exit_code update(const struct command *command, int argc, char **argv)
{
	struct update_request request = {
		.sysfs = SYSFS_ROOT,
		.timeout_seconds = DEFAULT_TIMEOUT_SECONDS,
	};
	const char *timeout = NULL, *cpus = NULL;
	const struct command_option options[] = {
		{ "newest", .text = &request.folder },
		{ "version", .text = &request.wanted },
		{ "releases", .text = &request.releases },
		{ "yes", .flag = &request.yes },
		{ "dry-run", .flag = &request.dry_run },
		{ "force-incompatible", .flag = &request.force_incompatible },
		{ "timeout", .text = &timeout },
		{ "cpu", .text = &cpus },
		{ "sysfs", .text = &request.sysfs },
		{ }
	};
	struct host host = { 0 };
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (request.wanted && !version_parse(request.wanted, &request.version))
		return command_misused(command, "'%s' is not a version", request.wanted);
	if (timeout && (!command_number(timeout, TIMEOUT_SECONDS_MAX, &request.timeout_seconds) ||
			!request.timeout_seconds))
		return command_misused(command, "'%s' is not a number of seconds", timeout);
	if (!take_source(&request, argc, argv))
		return command_misused(command,
				       "expected an image, --newest DIR or --version V DIR");
	if (!request.yes && !request.dry_run && !isatty(STDIN_FILENO))
		return command_misused(command, "nobody to ask on a terminal: --yes is needed");
	if (!command_read_host(&host, request.sysfs, cpus))
		return command_misused(command, "'%s' is not a list of CPU signatures", cpus);

	/* Whoever reads the messages may go away in the middle. */
	signal(SIGPIPE, SIG_IGN);
	code = update_host(&request, &host);
	host_free(&host);
	return code;
}

const struct command cmd_update = {
	.name = "update",
	.arguments = "[OPTION...] FILE|--newest DIR|--version X.Y.ZZ DIR",
	.purpose = "Check an image and install it in place of the running TDX module",
	.options =
	"      --newest DIR           the newest of a folder that preserves TDs\n"
	"      --version X.Y.ZZ DIR   that version from a folder\n"
	"      --releases DIR         with FILE: folder with Intel's list of releases\n"
	"      --yes                  do not ask\n"
	"      --dry-run              check and choose, but do not install\n"
	"      --force-incompatible   install although the list of releases does not know\n"
	"                             TDs to survive: they may crash or compute wrongly\n"
	"      --timeout SECONDS      how long to wait for the end (120)\n"
	"      --cpu LIST             CPUID.1:EAX values to take in place of this host's\n"
	"      --sysfs DIR            where sysfs is mounted (/sys)\n",
	.run = update,
};
