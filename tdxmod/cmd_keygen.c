// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxmod keygen, tdxmod signer: test keys and how a P-SEAMLDR names them.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "crypto.h"
#include "file.h"

static enum exit_code write_new_key(const char *path)
{
	EVP_PKEY *key = crypto_key_new();
	char *text = NULL;
	size_t size;
	FILE *file;
	bool done;

	file = open_memstream(&text, &size);
	if (!file)
		err(EXIT_RETRY, "%s", path);

	done = crypto_key_write(key, file);
	if (!done)
		warnx("%s: %s", path, crypto_error());
	fclose(file);
	done = done && file_write(path, text, size, FILE_MODE_PRIVATE);

	OPENSSL_cleanse(text, size);
	free(text);
	EVP_PKEY_free(key);
	return done ? EXIT_DONE : EXIT_REFUSED;
}

static enum exit_code keygen(const struct command *command, int argc, char **argv)
{
	const char *output = NULL;
	const struct command_option options[] = {
		{ "output", 'o', .text = &output },
		{ }
	};
	enum exit_code code;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (!output || optind != argc)
		return command_misused(command, "expected -o KEY.pem and nothing else");

	return write_new_key(output);
}

const struct command cmd_keygen = {
	.name = "keygen",
	.arguments = "-o KEY.pem",
	.purpose = "Make a test key (RSA-3072) to sign images for development with",
	.options = "  -o, --output FILE    where the key goes (readable by its owner only)\n",
	.run = keygen,
};

static enum exit_code signer(const struct command *command, int argc, char **argv)
{
	static const struct command_option options[] = { { } };
	struct seam_sigstruct sigstruct = { 0 };
	uint8_t hash[SIGSTRUCT_HASH_SIZE];
	char text[HASH_TEXT_SIZE];
	enum exit_code code;
	EVP_PKEY *key;

	if (!command_options(command, options, argc, argv, &code))
		return code;
	if (argc - optind != 1)
		return command_misused(command, "expected one key");

	key = crypto_key_read(argv[optind]);
	if (!key)
		return EXIT_REFUSED;

	crypto_set_key(&sigstruct, key);
	EVP_PKEY_free(key);
	crypto_signer(&sigstruct, hash);
	crypto_hash_text(hash, text);
	puts(text);
	return EXIT_DONE;
}

const struct command cmd_signer = {
	.name = "signer",
	.arguments = "KEY.pem",
	.purpose = "Print the SHA-384 of a key's modulus, by which a P-SEAMLDR knows signers",
	.options = "",
	.run = signer,
};
