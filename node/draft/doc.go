// Package draft proposes a data contract from a sample of a file: names, types, units, identifiers, keys, lists of values, marks of personal data.
// It owns the guesses and nothing else. What only a person can know (legal basis, owner, sharing class) it leaves open, marked so that validation
// names every gap. It must never write a value of the sample into the contract, save the few words of a column that holds nothing but a short list
// of them.
package draft
