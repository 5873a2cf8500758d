// Package trees runs a challenger: an ensemble of decision trees that LightGBM trained elsewhere, read from LightGBM's own text file and run in plain
// Go to the same raw scores bit for bit.
//
// It owns the decisions of LightGBM's trees (missing values, default directions, categories), exact Shapley values of trees, and the check of monotone
// constraints. It never trains; a card that a person can read remains the champion's form.
package trees
