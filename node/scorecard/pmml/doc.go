// Package pmml writes cards as PMML 4.4 (the Data Mining Group's exchange format, https://dmg.org/pmml/v4-4-1/Scorecard.html) and reads such
// files, so that another engine scores alike and a bank's own card can be used here.
//
// It owns the mapping between a card and the Scorecard element: one Characteristic per feature or pair of features, one Attribute per bin.
// A predicate that the mapping cannot hold to the last digit is refused; nothing is approximated.
package pmml
