"""What each verb does, apart from command lines and rendering: from a repository to a report."""
