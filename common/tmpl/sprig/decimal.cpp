#include "common/tmpl/sprig/decimal.h"

#include <charconv>
#include <cmath>

#include "common/tmpl/numbers.h"

namespace longshore::tmpl::sprig {
namespace {

constexpr int kMaxDigits = 20'000;
constexpr int kDivisionDigits = 16;

std::unexpected<Error> too_long() {
  return base::fail(Errc::limit, "decimal number too long");
}

void multiply_by_power(BIGNUM* number, int power, BN_CTX* context) {
  BIGNUM* ten = BN_CTX_get(context);
  BIGNUM* exponent = BN_CTX_get(context);
  BIGNUM* factor = BN_CTX_get(context);
  BN_set_word(ten, 10);
  BN_set_word(exponent, static_cast<BN_ULONG>(power));
  BN_exp(factor, ten, exponent, context);
  BN_mul(number, number, factor, context);
}

struct Context {
  Context() : pointer(BN_CTX_new()) { BN_CTX_start(pointer); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    BN_CTX_end(pointer);
    BN_CTX_free(pointer);
  }
  BN_CTX* pointer;
};

int digits_of(const BIGNUM* number) {
  return static_cast<int>(BN_num_bits(number) * 0.30103) + 1;
}

}  // namespace

Decimal Decimal::from(double number) {
  std::string text;
  append_float(text, number, 'e', -1, 64);  // d.ddde+xx
  Decimal out;
  const std::size_t e = text.find('e');
  out.exponent_ = std::stoi(text.substr(e + 1));
  std::string digits = text.substr(0, e);
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    out.exponent_ -= static_cast<int>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  BIGNUM* value = out.value_.get();
  BN_dec2bn(&value, digits.c_str());
  return out;
}

double Decimal::to_double() const {
  char* digits = BN_bn2dec(value_.get());
  const std::string text = std::string(digits) + "e" + std::to_string(exponent_);
  OPENSSL_free(digits);
  return parse_float(text).value_or(BN_is_negative(value_.get()) != 0 ? -HUGE_VAL : HUGE_VAL);
}

// The value with a smaller exponent.
Result<Decimal::Number> Decimal::scaled_to(int exponent) const {
  const int shift = exponent_ - exponent;
  if (shift > kMaxDigits) return too_long();
  Number out(BN_dup(value_.get()));
  const Context context;
  if (shift > 0) multiply_by_power(out.get(), shift, context.pointer);
  return out;
}

Result<Decimal> Decimal::combine(const Decimal& left, const Decimal& right,
                                 int (*operation)(BIGNUM*, const BIGNUM*, const BIGNUM*)) {
  Decimal out;
  out.exponent_ = std::min(left.exponent_, right.exponent_);
  LS_TRY(first, left.scaled_to(out.exponent_));
  LS_TRY(second, right.scaled_to(out.exponent_));
  operation(out.value_.get(), first.get(), second.get());
  return out;
}

Result<Decimal> Decimal::add(const Decimal& left, const Decimal& right) {
  return combine(left, right, BN_add);
}

Result<Decimal> Decimal::subtract(const Decimal& left, const Decimal& right) {
  return combine(left, right, BN_sub);
}

Result<Decimal> Decimal::multiply(const Decimal& left, const Decimal& right) {
  if (digits_of(left.value_.get()) + digits_of(right.value_.get()) > kMaxDigits) return too_long();
  Decimal out;
  const Context context;
  BN_mul(out.value_.get(), left.value_.get(), right.value_.get(), context.pointer);
  out.exponent_ = left.exponent_ + right.exponent_;
  if (std::abs(out.exponent_) > 10 * kMaxDigits) return too_long();
  return out;
}

Result<Decimal> Decimal::divide(const Decimal& left, const Decimal& right) {
  if (BN_is_zero(right.value_.get()) != 0) return base::fail(Errc::template_error, "decimal division by 0");
  const int shift = left.exponent_ - right.exponent_ + kDivisionDigits;
  if (std::abs(shift) > kMaxDigits) return too_long();
  const Context context;
  Number numerator(BN_dup(left.value_.get()));
  Number denominator(BN_dup(right.value_.get()));
  multiply_by_power(shift > 0 ? numerator.get() : denominator.get(), std::abs(shift), context.pointer);
  const bool negative = BN_is_negative(numerator.get()) != BN_is_negative(denominator.get());
  BN_set_negative(numerator.get(), 0);
  BN_set_negative(denominator.get(), 0);
  Decimal out;
  out.exponent_ = -kDivisionDigits;
  const Number remainder = new_number();
  BN_div(out.value_.get(), remainder.get(), numerator.get(), denominator.get(), context.pointer);
  BN_lshift1(remainder.get(), remainder.get());
  if (BN_cmp(remainder.get(), denominator.get()) >= 0) BN_add_word(out.value_.get(), 1);
  BN_set_negative(out.value_.get(), negative ? 1 : 0);
  return out;
}

}  // namespace longshore::tmpl::sprig
