// The commands, as a table: a row for each, and its examples.

#include "cli/options.hpp"

#include <algorithm>
#include <array>

namespace deployflow::cli {
namespace {

constexpr std::array<Example, 3> k_program_examples{{
    {"deployflow push site/", "check it, upload it, make it live"},
    {"deployflow push site/ -n", "only show what would happen"},
    {"deployflow validate site/", "only check it"},
}};
constexpr std::array<Example, 5> k_push_examples{{
    {"deployflow push site/", "to the targets in deployflow.yaml"},
    {"deployflow push site/ --to s3://bucket -n", "only show what would happen"},
    {"deployflow push - --name a.html < a.html", "from standard input"},
    {"url=$(deployflow push site/)", "the public URL, for a script"},
    {"deployflow push --preview pr-7", "to look at, beside the live site"},
}};
constexpr std::array<Example, 2> k_run_examples{{
    {"deployflow run pipeline.yaml", "all its stages, as written"},
    {"deployflow run pipeline.yaml --site out/", "with another site"},
}};
constexpr std::array<Example, 4> k_validate_examples{{
    {"deployflow validate site/", "exit code 3 if anything is wrong"},
    {"deployflow validate --format html=r.html", "findings as a page"},
    {"deployflow validate --watch site/", "again whenever a file changes"},
    {"deployflow validate --update-baseline", "an old site starts clean"},
}};
constexpr std::array<Example, 2> k_stages_examples{{
    {"deployflow stages", "what there is, with all options"},
    {"deployflow stages --plugin ./my.dfstage.so", "with a plugin of your own"},
}};
constexpr std::array<Example, 2> k_doctor_examples{{
    {"deployflow doctor", "all targets in deployflow.yaml"},
    {"deployflow doctor --to s3://bucket", "a bucket that no file names yet"},
}};
constexpr std::array<Example, 2> k_presign_examples{{
    {"deployflow presign draft.html", "for an hour"},
    {"deployflow presign a.pdf --expires 12h", "for half a day"},
}};
constexpr std::array<Example, 2> k_help_examples{{
    {"deployflow help exit-codes", "what each exit code means"},
    {"deployflow help push", "every option of push"},
}};

constexpr std::array<Example, 3> k_plan_examples{{
    {"deployflow plan site/", "what push would do, and why"},
    {"deployflow plan --exit-code -q", "10 if the site is not what is live"},
    {"deployflow plan --out plan.json", "to look at it, and to apply it"},
}};
constexpr std::array<Example, 2> k_apply_examples{{
    {"deployflow apply plan.json", "that, and nothing else"},
    {"deployflow apply plan.json -n", "only look whether it still holds"},
}};
constexpr std::array<Example, 1> k_explain_examples{{
    {"deployflow explain a/app.js", "which rules made its headers"},
}};
constexpr std::array<Example, 1> k_rules_examples{{
    {"deployflow rules link/missing", "why, and an example"},
}};
constexpr std::array<Example, 1> k_releases_examples{{
    {"deployflow releases --json", "for a script"},
}};
constexpr std::array<Example, 3> k_rollback_examples{{
    {"deployflow rollback", "to the one before the live one"},
    {"deployflow rollback 20261120T223311Z-9f2c1a", "to any other, also forward"},
    {"deployflow rollback -n", "only show what would happen"},
}};
constexpr std::array<Example, 1> k_diff_examples{{
    {"deployflow diff 20261120T223311Z-9f2c1a", "from that one to the live one"},
}};
constexpr std::array<Example, 1> k_prune_examples{{
    {"deployflow prune --keep 2", "the live one and another"},
}};
constexpr std::array<Example, 2> k_unlock_examples{{
    {"deployflow unlock", "who has the lock, and since when"},
    {"deployflow unlock 20261120T223311Z-9f2c1a", "remove the lock of that run"},
}};

constexpr std::array<Example, 3> k_previews_examples{{
    {"deployflow previews", "where they are, and until when"},
    {"deployflow previews --remove pr-7", "that one, now"},
    {"deployflow previews --remove-expired -n", "only show what would go"},
}};

constexpr std::array<CommandRow, 19> k_commands{{
    {.command = Command::none,
     .name = "",
     .arguments = "<command> [options]",
     .summary = "Put HTML files and static sites on S3-compatible storage.",
     .examples = k_program_examples},
    {.command = Command::push,
     .name = "push",
     .arguments = "[options] [site]",
     .max_words = 1,
     .summary = "Upload a site and make it live.",
     .detail =
         "The site is a folder, one file, or - for standard input; without it, the pipeline "
         "file's site: counts. The stages are those of deployflow.yaml, found in this folder "
         "or above; with --to no such file is needed. When the site is live its URL, alone on "
         "one line, is printed on standard output; everything else goes to standard error. "
         "If standard output cannot be written, the deployment is finished all the same, and "
         "the exit code is the deployment's.",
     .examples = k_push_examples},
    {.command = Command::run,
     .name = "run",
     .arguments = "[options] <pipeline.yaml>",
     .max_words = 1,
     .summary = "Run a pipeline, all its stages as written.",
     .examples = k_run_examples},
    {.command = Command::validate,
     .name = "validate",
     .arguments = "[options] [site]",
     .max_words = 1,
     .summary = "Check a site, and change nothing.",
     .detail =
         "Runs the validate stage alone, with the options that the pipeline file gives it, if "
         "there is one. No network is used.",
     .examples = k_validate_examples},
    {.command = Command::plan,
     .name = "plan",
     .arguments = "[options] [site]",
     .max_words = 1,
     .summary = "Show what push would do, and why; change nothing.",
     .detail =
         "The same run as push -n: everything is read and compared, nothing is written. With "
         "--out the plan is kept, for `apply` to carry it out: perhaps later, by another job, "
         "after somebody has looked at it.",
     .examples = k_plan_examples},
    {.command = Command::apply,
     .name = "apply",
     .arguments = "[options] <plan.json>",
     .max_words = 1,
     .summary = "Carry out a plan, unless something has moved since.",
     .detail =
         "The plan is one of `plan --out`. Paths in it are as they were given there, relative to "
         "this folder. The same pipeline runs over the same site, and under the lock of the "
         "targets, before the first write, what it would do is compared with the plan: if the "
         "pipeline file, a file of the site, the live release of a target or any change is "
         "another, "
         "nothing is written to any target of that stage, what moved is named, and the exit code "
         "is 5. Fewer changes are no difference, so a run that was cut off can be applied again.",
     .examples = k_apply_examples},
    {.command = Command::explain,
     .name = "explain",
     .arguments = "[options] <key> [site]",
     .max_words = 2,
     .summary = "Tell how a file comes to its headers.",
     .detail =
         "Names every default and every rule that touched it, in their order, and the headers "
         "that it is stored with. No network is used.",
     .examples = k_explain_examples},
    {.command = Command::releases,
     .name = "releases",
     .arguments = "[options]",
     .summary = "List the releases of a target, newest first.",
     .detail = "The live one has a star.",
     .examples = k_releases_examples},
    {.command = Command::rollback,
     .name = "rollback",
     .arguments = "[options] [release]",
     .max_words = 1,
     .summary = "Make another release the live one.",
     .detail =
         "Without a release: the one before the live one. In the same order and under the same "
         "lock as push, with contents that the target still has; if one is missing, nothing is "
         "done. The pipeline file's replicate stages run afterwards.",
     .examples = k_rollback_examples},
    {.command = Command::diff,
     .name = "diff",
     .arguments = "[options] <release> [release]",
     .max_words = 2,
     .summary = "Tell what differs between two releases.",
     .detail = "Without a second one: between that one and the live one.",
     .examples = k_diff_examples},
    {.command = Command::prune,
     .name = "prune",
     .arguments = "[options]",
     .summary = "Forget old releases, and what only they needed.",
     .detail = "push does the same by itself, with the upload stage's `keep`.",
     .examples = k_prune_examples},
    {.command = Command::unlock,
     .name = "unlock",
     .arguments = "[options] [run]",
     .max_words = 1,
     .summary = "Show who holds the lock of a target; remove it.",
     .detail =
         "Removed is only the lock of the run that is named. A run that still lives notices that "
         "its lock is gone and stops before its next write. A lock that its holder no longer "
         "renews ends by itself.",
     .examples = k_unlock_examples},
    {.command = Command::previews,
     .name = "previews",
     .arguments = "[options]",
     .summary = "List the previews of a target; remove some.",
     .detail = "Previews come from push --preview. One that has expired has an x, and stays until "
               "the next push to a preview or --remove-expired.",
     .examples = k_previews_examples},
    {.command = Command::rules,
     .name = "rules",
     .arguments = "[options] [code]",
     .max_words = 1,
     .summary = "List what validate looks for; explain one code.",
     .examples = k_rules_examples},
    {.command = Command::stages,
     .name = "stages",
     .arguments = "[options]",
     .summary = "List the stages that can be used, and their options.",
     .examples = k_stages_examples},
    {.command = Command::doctor,
     .name = "doctor",
     .arguments = "[options] [target]",
     .max_words = 1,
     .summary = "Try out a target, and say what works there.",
     .detail =
         "The target is one of the pipeline file's; without it all of them are tried. Says which "
         "credentials, region and endpoint are used, then lists, writes, reads, copies and deletes "
         "small objects under .deployflow/doctor-RUN/ in the target and in the place of its state, "
         "and removes them again. The table is on standard output. Exit code 0: a deployment would "
         "work, perhaps with the limitations that the table tells.",
     .examples = k_doctor_examples},
    {.command = Command::presign,
     .name = "presign",
     .arguments = "[options] <key> [target]",
     .max_words = 2,
     .summary = "Print a link to one object that is not public.",
     .detail =
         "Whoever has the link can read the object until it expires: treat it as a password. The "
         "object must be there. The target is one of the pipeline file's; without it, the first.",
     .examples = k_presign_examples},
    {.command = Command::sign,
     .name = "sign",
     .arguments = "",
     .hidden = true,
     .summary = "Sign requests: JSON Lines in, JSON Lines out.",
     .detail = "For tests of the signer; plugins/host/store/README.md documents the fields."},
    {.command = Command::help,
     .name = "help",
     .arguments = "[command or topic]",
     .max_words = 1,
     .summary = "Explain a command or a topic.",
     .examples = k_help_examples},
}};

}  // namespace

std::span<const CommandRow> commands() {
  return k_commands;
}

const CommandRow& row_of(Command command) {
  return *std::find_if(k_commands.begin(), k_commands.end(), [&](const CommandRow& row) {
    return row.command == command;
  });
}

}  // namespace deployflow::cli
