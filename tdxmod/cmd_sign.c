// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod sign: an image for development, signed by a test key.  Also the way
 * to make images that are wrong in one chosen place.
 */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "crypto.h"
#include "file.h"

#define DEFAULT_SEED		"tdxmod"
#define DEFAULT_CPU		0x806F8U
#define DEFAULT_SVN		(1U << SIGSTRUCT_SVN_MAJOR_SHIFT | 5U)

/* Sizes that a module of today states; nothing on the host depends on them. */
#define DEFAULT_STACK_PAGES	1
#define DEFAULT_MAX_TDMRS	64
#define DEFAULT_MAX_RSVD	16
#define DEFAULT_PAMT_ENTRY	16

#define BCD_BITS		4
#define DECIMAL			10

/* Long options that have no letter. */
enum {
	OPT_KEY = 0x100,
	OPT_MODULE,
	OPT_PAGES,
	OPT_SEED,
	OPT_FORMAT,
	OPT_VERSION,
	OPT_SVN,
	OPT_CPU,
	OPT_HV,
	OPT_MIN_HV,
	OPT_NO_DOWNGRADE,
	OPT_DEBUG,
	OPT_SIGSTRUCT_PAGES,
	OPT_HANDOFF_PAGES,
	OPT_DATE,
	OPT_SET,
	OPT_RAW,
	OPT_NO_CHECKSUM,
};

static const struct option sign_options[] = {
	{ "key", required_argument, NULL, OPT_KEY },
	{ "module", required_argument, NULL, OPT_MODULE },
	{ "pages", required_argument, NULL, OPT_PAGES },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "version", required_argument, NULL, OPT_VERSION },
	{ "svn", required_argument, NULL, OPT_SVN },
	{ "cpu", required_argument, NULL, OPT_CPU },
	{ "hv", required_argument, NULL, OPT_HV },
	{ "min-hv", required_argument, NULL, OPT_MIN_HV },
	{ "no-downgrade", no_argument, NULL, OPT_NO_DOWNGRADE },
	{ "debug", no_argument, NULL, OPT_DEBUG },
	{ "sigstruct-pages", required_argument, NULL, OPT_SIGSTRUCT_PAGES },
	{ "handoff-pages", required_argument, NULL, OPT_HANDOFF_PAGES },
	{ "date", required_argument, NULL, OPT_DATE },
	{ "set", required_argument, NULL, OPT_SET },
	{ "raw", required_argument, NULL, OPT_RAW },
	{ "no-checksum", no_argument, NULL, OPT_NO_CHECKSUM },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

struct raw_byte {
	size_t offset;
	uint8_t value;
	/* The value is combined with what is there by exclusive or. */
	bool flip;
};

struct sign_request {
	const char *key;
	const char *module;
	const char *output;
	const char *seed;
	unsigned int pages;
	enum tdx_blob_version version;
	unsigned long sigstruct_nr_pages;
	bool no_checksum;

	/* Assignments and bytes refer to the arguments: no more than those. */
	const char **sets;
	size_t nr_sets;
	struct raw_byte *raws;
	size_t nr_raws;
};

static uint32_t bcd_of(unsigned long decimal)
{
	uint32_t bcd = 0;
	unsigned int shift;

	for (shift = 0; decimal; shift += BCD_BITS, decimal /= DECIMAL)
		bcd |= decimal % DECIMAL << shift;
	return bcd;
}

/* Builds that must be repeatable say which time it is. */
static uint32_t date_today(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t now = epoch ? strtoll(epoch, NULL, DECIMAL) : time(NULL);
	char text[sizeof("yyyymmdd")];
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(text, sizeof(text), "%Y%m%d", &tm))
		return 0;
	return bcd_of(strtoul(text, NULL, DECIMAL));
}

static void fill_defaults(struct seam_sigstruct *sigstruct)
{
	*sigstruct = (struct seam_sigstruct) {
		.header_type = htole32(SIGSTRUCT_HEADER_TYPE),
		.header_length = htole32(SIGSTRUCT_HEADER_LENGTH),
		.header_version = htole32(SIGSTRUCT_HEADER_VERSION),
		.module_vendor = htole32(SIGSTRUCT_VENDOR_INTEL),
		.date = htole32(date_today()),
		.size = htole32(SIGSTRUCT_SIZE_DWORDS),
		.key_size = htole32(SIGSTRUCT_KEY_DWORDS),
		.modulus_size = htole32(SIGSTRUCT_KEY_DWORDS),
		.exponent_size = htole32(SIGSTRUCT_EXPONENT_DWORDS),
		.seamsvn = htole16(DEFAULT_SVN),
		.num_stack_pages = DEFAULT_STACK_PAGES,
		.max_tdmrs = htole16(DEFAULT_MAX_TDMRS),
		.max_rsvd_per_tdmr = htole16(DEFAULT_MAX_RSVD),
		.pamt_entry_size_4k = htole16(DEFAULT_PAMT_ENTRY),
		.pamt_entry_size_2m = htole16(DEFAULT_PAMT_ENTRY),
		.pamt_entry_size_1g = htole16(DEFAULT_PAMT_ENTRY),
		.cpuid_table_size = htole32(1),
		.cpuid_table = { htole32(DEFAULT_CPU) },
	};
}

static bool set_version(struct seam_sigstruct *sigstruct, const char *text)
{
	struct version version;

	if (!version_parse(text, &version))
		return false;
	sigstruct->update_version = htole16(version.update);
	sigstruct->minor_version = version.minor;
	sigstruct->major_version = version.major;
	return true;
}

static bool set_svn(struct seam_sigstruct *sigstruct, const char *text)
{
	unsigned int major, minor;
	char end;

	if (sscanf(text, "%3u.%3u%c", &major, &minor, &end) != 2 || major > UINT8_MAX ||
	    minor > UINT8_MAX)
		return false;
	sigstruct->seamsvn = htole16(major << SIGSTRUCT_SVN_MAJOR_SHIFT | minor);
	return true;
}

static bool set_cpus(struct seam_sigstruct *sigstruct, const char *text)
{
	char *list = strdup(text), *rest = list, *item;
	unsigned long signature;
	unsigned int count = 0;
	bool valid = list;

	memset(sigstruct->cpuid_table, 0, sizeof(sigstruct->cpuid_table));
	if (list && !strcmp(list, "none"))
		rest = NULL;
	while (valid && (item = strsep(&rest, ","))) {
		valid = count < SIGSTRUCT_CPUS_MAX &&
			command_number(item, UINT32_MAX, &signature);
		if (valid)
			sigstruct->cpuid_table[count++] = htole32(signature);
	}
	sigstruct->cpuid_table_size = htole32(count);
	free(list);
	return valid;
}

static bool set_date(struct seam_sigstruct *sigstruct, const char *text)
{
	unsigned long date;

	if (strlen(text) != strlen("yyyymmdd") || strspn(text, "0123456789") != strlen(text))
		return false;
	date = strtoul(text, NULL, DECIMAL);
	sigstruct->date = htole32(bcd_of(date));
	return true;
}

static bool add_raw(struct sign_request *request, char *text)
{
	struct raw_byte *raw = &request->raws[request->nr_raws];
	char *value = strchr(text, '=');
	unsigned long offset, byte;

	if (!value)
		return false;
	*value++ = '\0';
	raw->flip = *value == '^';
	if (!command_number(text, TDX_BLOB_SIZE_MAX - 1, &offset) ||
	    !command_number(value + raw->flip, UINT8_MAX, &byte))
		return false;

	raw->offset = offset;
	raw->value = byte;
	request->nr_raws++;
	return true;
}

static bool take_option(struct sign_request *request, struct seam_sigstruct *sigstruct,
			int option)
{
	unsigned long number;

	switch (option) {
	case OPT_KEY:
		request->key = optarg;
		return true;
	case OPT_MODULE:
		request->module = optarg;
		return true;
	case OPT_PAGES:
		if (!command_number(optarg, TDX_MODULE_PAGES_MAX, &number) || !number)
			return false;
		request->pages = number;
		return true;
	case OPT_SEED:
		request->seed = optarg;
		return true;
	case OPT_FORMAT:
		return command_format(optarg, &request->version);
	case OPT_VERSION:
		return set_version(sigstruct, optarg);
	case OPT_SVN:
		return set_svn(sigstruct, optarg);
	case OPT_CPU:
		return set_cpus(sigstruct, optarg);
	case OPT_HV:
		if (!command_number(optarg, UINT16_MAX, &number))
			return false;
		sigstruct->module_hv = htole16(number);
		return true;
	case OPT_MIN_HV:
		if (!command_number(optarg, UINT16_MAX, &number))
			return false;
		sigstruct->min_update_hv = htole16(number);
		return true;
	case OPT_NO_DOWNGRADE:
		sigstruct->no_downgrade = 1;
		return true;
	case OPT_DEBUG:
		sigstruct->module_type = htole32(SIGSTRUCT_MODULE_TYPE_DEBUG);
		return true;
	case OPT_SIGSTRUCT_PAGES:
		return command_number(optarg, TDX_SIGSTRUCT_PAGES_MAX,
				      &request->sigstruct_nr_pages) &&
		       request->sigstruct_nr_pages;
	case OPT_HANDOFF_PAGES:
		/* The field holds one less. */
		if (!command_number(optarg, UINT16_MAX + 1UL, &number) || !number)
			return false;
		sigstruct->num_handoff_pages = htole16(number - 1);
		return true;
	case OPT_DATE:
		return set_date(sigstruct, optarg);
	case OPT_SET:
		request->sets[request->nr_sets++] = optarg;
		return true;
	case OPT_RAW:
		return add_raw(request, optarg);
	case OPT_NO_CHECKSUM:
		request->no_checksum = true;
		return true;
	case 'o':
		request->output = optarg;
		return true;
	default:
		return false;
	}
}

static void *generate_module(const struct sign_request *request)
{
	size_t size = (size_t)request->pages * TDX_PAGE_SIZE;
	void *module = malloc(size);

	if (!module) {
		warn("module");
		return NULL;
	}
	crypto_fill_random(request->seed, module, size);
	memcpy(module, IMAGE_TEST_MARK, strlen(IMAGE_TEST_MARK));
	return module;
}

/* The assignments come last, so that they win over everything but the signature. */
static bool fill_sigstruct(const struct sign_request *request,
			   struct seam_sigstruct *sigstruct, const void *module, EVP_PKEY *key)
{
	const char *wrong;
	size_t i;

	crypto_sha384(module, (size_t)request->pages * TDX_PAGE_SIZE, sigstruct->seamhash);
	crypto_set_key(sigstruct, key);
	for (i = 0; i < request->nr_sets; i++) {
		wrong = sigstruct_set(sigstruct, request->sets[i]);
		if (wrong) {
			warnx("--set %s: %s", request->sets[i], wrong);
			return false;
		}
	}
	if (!crypto_sign(sigstruct, key)) {
		warnx("%s: %s", request->key, crypto_error());
		return false;
	}
	return true;
}

static bool damage(const struct sign_request *request, uint8_t *blob, size_t size)
{
	const struct raw_byte *raw;

	for (raw = request->raws; raw < request->raws + request->nr_raws; raw++) {
		if (raw->offset >= size) {
			warnx("--raw %zu: the image has %zu bytes", raw->offset, size);
			return false;
		}
		blob[raw->offset] = raw->value ^ (raw->flip ? blob[raw->offset] : 0);
	}
	return true;
}

static bool write_image(const struct sign_request *request,
			const struct seam_sigstruct *sigstruct, const void *module)
{
	const struct image_parts parts = {
		.version = request->version,
		.sigstruct = sigstruct,
		.sigstruct_size = sizeof(*sigstruct),
		.sigstruct_nr_pages = request->sigstruct_nr_pages,
		.module = module,
		.module_nr_pages = request->pages,
	};
	struct tdx_blob_v1 *header;
	size_t size;
	void *blob;
	bool done;

	blob = image_build(&parts, &size);
	if (!blob) {
		warn("%s", request->output);
		return false;
	}

	header = blob;
	if (request->no_checksum)
		header->checksum = 0;
	done = damage(request, blob, size) &&
	       file_write(request->output, blob, size, FILE_MODE_PUBLIC);
	free(blob);
	return done;
}

static bool make_image(struct sign_request *request, struct seam_sigstruct *sigstruct)
{
	void *module = request->module ? file_read_module(request->module, &request->pages) :
					 generate_module(request);
	EVP_PKEY *key = module ? crypto_key_read(request->key) : NULL;
	bool done;

	done = key && fill_sigstruct(request, sigstruct, module, key) &&
	       write_image(request, sigstruct, module);
	EVP_PKEY_free(key);
	free(module);
	return done;
}

static enum exit_code sign_with(const struct command *command, struct sign_request *request,
				int argc, char **argv)
{
	struct seam_sigstruct sigstruct;
	int option;

	fill_defaults(&sigstruct);
	while ((option = getopt_long(argc, argv, "o:h", sign_options, NULL)) >= 0) {
		if (option == 'h')
			return command_help(command);
		if (option == '?')
			return command_misused(command, NULL);
		if (!take_option(request, &sigstruct, option))
			return command_misused(command, "'%s' is not valid there", optarg);
	}
	if (!request->key || !request->output || optind != argc)
		return command_misused(command, "expected --key KEY.pem, -o FILE and options only");

	return make_image(request, &sigstruct) ? EXIT_DONE : EXIT_REFUSED;
}

static enum exit_code sign(const struct command *command, int argc, char **argv)
{
	struct sign_request request = {
		.seed = DEFAULT_SEED,
		.pages = 1,
		.version = TDX_BLOB_VERSION_1,
		.sigstruct_nr_pages = 1,
		.sets = calloc(argc, sizeof(*request.sets)),
		.raws = calloc(argc, sizeof(*request.raws)),
	};
	enum exit_code code;

	if (!request.sets || !request.raws)
		err(EXIT_RETRY, "arguments");
	code = sign_with(command, &request, argc, argv);
	free(request.raws);
	free(request.sets);
	return code;
}

const struct command cmd_sign = {
	.name = "sign",
	.arguments = "--key KEY.pem [OPTION...] -o FILE",
	.purpose = "Make an image for development, signed by a test key",
	.options =
	"      --key FILE            key made by 'tdxmod keygen'\n"
	"  -o, --output FILE         where the image goes\n"
	"      --module FILE         module pages; else they are generated\n"
	"      --pages N             number of generated pages, 1 to 496 (1)\n"
	"      --seed TEXT           from which pages are generated\n"
	"      --format 1|2          on-disk format 0x100 or 0x200 (1)\n"
	"      --version X.Y.ZZ      version that the sigstruct carries (none)\n"
	"      --svn MAJOR.MINOR     security version (1.5)\n"
	"      --cpu LIST            CPUID.1:EAX values, comma separated, or none (0x806f8)\n"
	"      --hv N                module_hv, the highest handoff version (0)\n"
	"      --min-hv N            min_update_hv, the lowest one (0)\n"
	"      --no-downgrade        only module_hv is written at shutdown\n"
	"      --debug               debug-signed\n"
	"      --sigstruct-pages N   pages for the sigstruct, 1 to 4 (1)\n"
	"      --handoff-pages N     pages for handoff data; the field holds N - 1 (1)\n"
	"      --date YYYYMMDD       (SOURCE_DATE_EPOCH, else today)\n"
	"To make wrong images:\n"
	"      --set FIELD=VALUE     any sigstruct field, before signing\n"
	"      --raw OFFSET=BYTE     a byte of the file, after signing and checksum\n"
	"      --raw OFFSET=^BYTE    likewise, exclusive or\n"
	"      --no-checksum         leave the checksum 0\n",
	.run = sign,
};
