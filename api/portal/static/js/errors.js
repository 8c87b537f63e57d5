// What can go wrong, by the names that the ledger's own code has for it (ledger/errors.py).

export class Malformed extends Error {
  name = "Malformed"; // bytes are not in the format they claim to be in
}

export class Unverified extends Error {
  name = "Unverified"; // a signature, a hash or a proof does not hold
}

export class Refused extends Error {
  name = "Refused"; // a rule says no; `code` is its name

  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
