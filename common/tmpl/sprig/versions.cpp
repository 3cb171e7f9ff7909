// semver semverCompare
#include "common/tmpl/sprig/tools.h"
#include "common/tmpl/sprig/version.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kString;
using types::kUint64;

extern const Type kPointer;  // *semver.Version
extern const Type kPlain;    // semver.Version, what the Inc methods give

const Version& self_of(const Value& self) {
  return *static_cast<const Version*>(self.object());
}
std::string text(const Value& self) {
  return self.object() == nullptr ? "<nil>" : to_string(self_of(self));
}
Value plain(Version version) {
  return Value::view(kPlain, std::make_shared<const Version>(std::move(version)));
}

template <auto Member>
Result<Value> number(Call&, const Value& self, Args) {
  return Value::unsigned_integer(self_of(self).*Member, kUint64);
}
template <auto Member>
Result<Value> word(Call&, const Value& self, Args) {
  return Value::string(self_of(self).*Member);
}
Result<Value> as_string(Call&, const Value& self, Args) {
  return Value::string(text(self));
}

Result<Value> compare_to(Call&, const Value& self, Args args) {
  if (args[0].is_nil()) return bad(kNilDereference);
  return Value::integer(compare(self_of(self), self_of(args[0])));
}

template <bool (*Test)(int)>
Result<Value> test(Call&, const Value& self, Args args) {
  if (args[0].is_nil()) return bad(kNilDereference);
  return Value::boolean(Test(compare(self_of(self), self_of(args[0]))));
}
bool less(int order) {
  return order < 0;
}
bool less_equal(int order) {
  return order <= 0;
}
bool greater(int order) {
  return order > 0;
}
bool greater_equal(int order) {
  return order >= 0;
}
Result<Value> equal(Call&, const Value& self, Args args) {
  return Value::boolean(!args[0].is_nil() && compare(self_of(self), self_of(args[0])) == 0);
}

// The original text of a changed version is its new text, with the v of the old one.
Value changed(Version version, const Version& from) {
  version.original = (from.original.starts_with('v') ? "v" : "") + to_string(version);
  return plain(std::move(version));
}
Result<Value> next_major(Call&, const Value& self, Args) {
  return changed({self_of(self).major + 1, 0, 0, {}, {}, {}}, self_of(self));
}
Result<Value> next_minor(Call&, const Value& self, Args) {
  return changed({self_of(self).major, self_of(self).minor + 1, 0, {}, {}, {}}, self_of(self));
}
Result<Value> next_patch(Call&, const Value& self, Args) {
  const Version& from = self_of(self);
  return changed({from.major, from.minor, from.patch + (from.prerelease.empty() ? 1 : 0), {}, {}, {}}, from);
}
Result<Value> set_prerelease(Call&, const Value& self, Args args) {
  Version version = self_of(self);
  LS_TRY(value, checked_prerelease(args[0].as_string()));
  version.prerelease = std::move(value);
  return changed(std::move(version), self_of(self));
}
Result<Value> set_metadata(Call&, const Value& self, Args args) {
  Version version = self_of(self);
  LS_TRY(value, checked_metadata(args[0].as_string()));
  version.metadata = std::move(value);
  return changed(std::move(version), self_of(self));
}

constexpr const Type* kOneString[] = {&kString};
constexpr const Type* kOneVersion[] = {&kPointer};

// Go finds methods of *Version on addressable values only: a plain one has those that do not need a pointer.
constexpr MethodOps kMethods[] = {
    {"Major", {}, number<&Version::major>},
    {"Minor", {}, number<&Version::minor>},
    {"Patch", {}, number<&Version::patch>},
    {"Prerelease", {}, word<&Version::prerelease>},
    {"Metadata", {}, word<&Version::metadata>},
    {"String", {}, as_string},
    {"IncMajor", {}, next_major},
    {"IncMinor", {}, next_minor},
    {"IncPatch", {}, next_patch},
    {"SetPrerelease", kOneString, set_prerelease},
    {"SetMetadata", kOneString, set_metadata},
    {"Original", {}, word<&Version::original>},
    {"Compare", kOneVersion, compare_to},
    {"Equal", kOneVersion, equal},
    {"LessThan", kOneVersion, test<less>},
    {"LessThanEqual", kOneVersion, test<less_equal>},
    {"GreaterThan", kOneVersion, test<greater>},
    {"GreaterThanEqual", kOneVersion, test<greater_equal>},
};
constexpr std::size_t kPlainMethods = 11;

const Type kPointer{
    .kind = Kind::record, .name = "*semver.Version", .methods = kMethods, .pointer = true, .text = text};
const Type kPlain{
    .kind = Kind::record, .name = "semver.Version", .methods = std::span(kMethods).first(kPlainMethods), .text = text};

Result<Value> semver(Call&, Args args) {
  LS_TRY(version, parse_version(args[0].as_string()));
  return Value::view(kPointer, std::make_shared<const Version>(std::move(version)));
}

Result<Value> semver_compare(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(1 + args[0].size()));
  LS_TRY(constraints, Constraints::parse(args[0].as_string()));
  LS_TRY(version, parse_version(args[1].as_string()));
  return Value::boolean(constraints.allow(version));
}

}  // namespace

void add_versions(FunctionTable& table) {
  add(table, "semver", {&kString}, semver);
  add(table, "semverCompare", {&kString, &kString}, semver_compare);
}

}  // namespace longshore::tmpl::sprig
