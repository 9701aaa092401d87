"""Why jobs in clusters are more productive: sorting, selection and what the place adds."""
