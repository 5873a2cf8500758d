// Package quality measures what departments sent against their data contracts, in the six dimensions of GB/T 36344-2018, and says to each
// department what to mend. It owns the lake's schema quality: the counts of every delivery, the history of every catalogue's scores, and the
// findings of checks across departments.
//
// Deliveries are measured once, set-wise, when they are new. A report holds files, rows, columns, rules and shapes, and never a value out of a
// row; of another department's data it holds nothing but how many firms were compared and how many disagree.
package quality
