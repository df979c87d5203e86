/** next */
