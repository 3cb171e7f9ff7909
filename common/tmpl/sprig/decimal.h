// Decimal numbers of any length: value * 10^exponent. The arithmetic of github.com/shopspring/decimal.
#pragma once
#include <openssl/bn.h>

#include <memory>
#include <string>

#include "common/base/result.h"

namespace longshore::tmpl::sprig {

class Decimal {
 public:
  // The shortest decimal that is this double, which is finite.
  static Decimal from(double number);
  // The nearest double.
  double to_double() const;

  // A limit error when the result would have more than some 20,000 digits.
  static Result<Decimal> add(const Decimal& left, const Decimal& right);
  static Result<Decimal> subtract(const Decimal& left, const Decimal& right);
  static Result<Decimal> multiply(const Decimal& left, const Decimal& right);
  // 16 digits after the point, halves away from zero. Division by zero is Go's panic.
  static Result<Decimal> divide(const Decimal& left, const Decimal& right);

 private:
  struct Free {
    void operator()(BIGNUM* number) const { BN_free(number); }
  };
  using Number = std::unique_ptr<BIGNUM, Free>;

  static Number new_number() { return Number(BN_new()); }
  Result<Number> scaled_to(int exponent) const;
  static Result<Decimal> combine(const Decimal& left, const Decimal& right,
                                 int (*operation)(BIGNUM*, const BIGNUM*, const BIGNUM*));

  Number value_ = new_number();
  int exponent_ = 0;
};

}  // namespace longshore::tmpl::sprig
